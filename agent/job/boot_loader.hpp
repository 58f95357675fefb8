// SPDX-License-Identifier: BSD-3-Clause
// What UEFI firmware finds on a disk that was written, and the entry by which it starts the disk.
//
// By the kernel's own mount of the EFI system partition, which only reads. Blocking; needs root. The disk is
// in no use, and the kernel shows its partitions.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"
#include "storage/device/kernel_files.hpp"

#include <string>

namespace rawswarm
{

// What can be known before the image is there. fault::target: no whole disk, or a machine whose firmware
// cannot be told.
result<void> check_boot_entry(std::string const& device, kernel_files const& files = {});

// The entry, and what a person should know of it. fault::target for a disk without an EFI system partition,
// or where that lacks the loader: "making a boot entry for /dev/sda: partition 1, the EFI system partition,
// has no \EFI\BOOT\BOOTX64.EFI".
result<std::string> make_boot_entry(
	std::string const& device, boot_entry_request const& request, kernel_files const& files = {});

// Whether UEFI starts this machine, and the device may have an EFI system partition.
bool may_be_started_by_uefi(std::string const& device, kernel_files const& files = {});

// A note if the EFI system partition has nothing for firmware without an entry. Empty: it has, or there is no
// such partition, or nothing on it.
std::string note_on_fallback(std::string const& device, kernel_files const& files = {});

} // namespace rawswarm
