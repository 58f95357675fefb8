// SPDX-License-Identifier: BSD-3-Clause
// The names that a disk keeps for good, from its folder in /sys.
//
// Serial numbers of SCSI and ATA disks are those of the vital product data page 80h, world wide names those
// of page 83h, as the kernel keeps them (SPC-4, 7.8), and models of ATA disks those of page 89h, if there is
// one (SAT-3); NVMe, virtio and memory cards have files of their own
// (Documentation/ABI/stable/sysfs-block and testing/sysfs-class-nvme of the kernel). A name that
// is missing is empty.
#pragma once

#include "agent/machine/disk_info.hpp"

#include <filesystem>
#include <string>

namespace rawswarm
{

// Sets bus, serial, wwn, model, vendor, made_by_kernel and special of the disk. folder: the disk's in /sys,
// with links resolved.
void read_identity_of(std::filesystem::path const& folder, kernel_files const& files, disk_info& disk);

} // namespace rawswarm
