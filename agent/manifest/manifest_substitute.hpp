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

// An unknown or unclosed ${...}, or a name that this machine has no value for, is an error that names it
// (fault::refused). A value that is put in is not searched again.
result<std::string> substitute(std::string_view text, machine_identity const& self);

// Whether the text has a name whose value is missing and that comes with the network: of the address, or of
// the hardware address of a card whose driver is still to be loaded.
bool waits_for_network(std::string_view text, machine_identity const& self);

} // namespace rawswarm
