// SPDX-License-Identifier: BSD-3-Clause
// What names a disk for good, out of its folder in /sys.
//
// Serial numbers of SCSI and ATA disks are those of the vital product data page 80h, world wide names those
// of page 83h, as the kernel keeps them (SPC-4, 7.8), and models of ATA disks those of page 89h, if there is
// one (SAT-3); NVMe, virtio and memory cards have files of their own
// (Documentation/ABI/stable/sysfs-block and testing/sysfs-class-nvme of the kernel). What is not there is
// empty.
#pragma once

#include "agent/machine/disk_info.hpp"

#include <filesystem>
#include <string>

namespace rawswarm
{

// Sets bus, serial, wwn, model, vendor, made_by_kernel and special of a disk whose folder, without a link in
// it, this is.
void read_identity_of(std::filesystem::path const& folder, kernel_files const& files, disk_info& disk);

} // namespace rawswarm
