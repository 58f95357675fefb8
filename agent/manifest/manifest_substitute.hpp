// SPDX-License-Identifier: BSD-3-Clause
// ${mac}, ${ip}, ${serial}, ${uuid} and ${hostname} in the strings of a job, replaced by the machine's own.
// Pure.
//
// The hardware address has the forms of iPXE's settings, so that a URL means the same to both: ${mac} and
// ${mac:hex} are 52:54:00:12:34:56, ${mac:hexhyp} is 52-54-00-12-34-56 (a file's name may have no colon on
// some servers), ${mac:hexraw} is 525400123456.
#pragma once

#include "agent/machine/identity.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rawswarm
{

// What a text with names in it is. Some of the values come from outside: a host name from whoever answers
// DHCP, a serial number from whoever made the board.
enum class name_use
{
	text, // as it is
	part, // a path, a script, a part of a word of a command: the value must be a plain name
	url // the value is percent-encoded
};

// Of a location: a URL, or a path.
name_use use_in_location(std::string_view text);

// Letters, digits, '.', '_', '-' and ':', of which '.' and '-' are not first. A value that is one leads to no
// other folder, is no option and no code.
bool is_plain_name(std::string_view value);

// An unknown or unclosed ${...}, a name that this machine has no value for, and a value that does not fit are
// errors that name it (fault::refused). No value may have control characters, nor be "." or ".." in a URL. A
// value that is put in is not searched again.
result<std::string> substitute(
	std::string_view text, machine_identity const& self, name_use use = name_use::text);

// Whether the text has a name whose value is missing and that comes with the network: of the address, or of
// the hardware address of a card whose driver is still to be loaded.
bool waits_for_network(std::string_view text, machine_identity const& self);

} // namespace rawswarm
