// SPDX-License-Identifier: BSD-3-Clause
// Whether UEFI has started this machine, and what it starts from a disk without an entry.
//
// Blocking, but quick: looks at files in /sys. Thread-safe: no state.
#pragma once

#include "storage/device/kernel_files.hpp"

#include <string>

namespace rawswarm
{

bool is_started_by_uefi(kernel_files const& files = {});

// The loader on a disk's EFI system partition that firmware of this machine's kind starts if it has no entry
// for the disk: "\EFI\BOOT\BOOTX64.EFI" (UEFI specification 2.10, 3.5.1.1).
std::string fallback_loader(kernel_files const& files = {});

} // namespace rawswarm
