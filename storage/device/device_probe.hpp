// SPDX-License-Identifier: BSD-3-Clause
// The kind of device that a path leads to, according to /sys. device_profile.hpp has a profile for each kind.
//
// Reads files only, opens no device, and always has an answer: a wrong one costs speed, never a byte. May
// be called from any thread; blocking.
//
// The kernel's reports are not always true. virtio_blk says `rotational` on many kernels whatever lies
// behind it, hence its name decides. A disk in a USB case, and an ATA disk that a virtual machine
// emulates, say it as well, and are taken for hard disks; a job can correct that (`storage.profile`).
#pragma once

#include "storage/device/device_profile.hpp"
#include "storage/device/kernel_files.hpp"

#include <string>

namespace rawswarm
{

// A partition is of its disk's kind; a mapped device, an array or a loop is of the kind of the devices below
// it, of which the slowest counts. A regular file, a folder, and a path that does not exist yet are an
// image_file; a device that /sys does not know is a virtual_disk.
device_kind kind_of(std::string const& path, kernel_files const& files = {});
device_kind kind_of(block_device_id device, kernel_files const& files = {});

} // namespace rawswarm
