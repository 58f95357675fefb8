// SPDX-License-Identifier: BSD-3-Clause
// The list of what UEFI firmware boots: an entry that is put into it, replaced and not added the next time.
//
// Blocking. Format: UEFI specification 2.10, 3.3: Boot0000 to BootFFFF are the entries, BootOrder their
// order, BootNext the one that is started next, and once.
#pragma once

#include "agent/machine/efi_variables.hpp"
#include "base/result.hpp"

#include <string>

namespace rawswarm
{

struct boot_entry
{
	std::string label;
	std::string option; // agent/machine/load_option.hpp, with that label
	bool first = false; // before the others; else behind them, or where the replaced one was
	bool next = false;
};

// Takes the place and the number of the first entry with this label, whatever that starts; further ones are
// removed. An order with the entry in it is there before anything is removed, so that a machine that goes
// off in between still has one. Returns its name: "Boot0003".
result<std::string> put_boot_entry(efi_variables const& variables, boot_entry const& entry);

} // namespace rawswarm
