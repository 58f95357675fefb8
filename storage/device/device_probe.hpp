// SPDX-License-Identifier: BSD-3-Clause
// What kind of device a path leads to, from what /sys says of it. device_profile.hpp says what follows.
//
// Reads files only, opens no device, and always has an answer: a wrong one costs speed, never a byte. May
// be called from any thread; blocking.
//
// What the kernel reports is not always so. virtio_blk says `rotational` on many kernels whatever lies
// behind it, hence it goes by its name. A disk in a USB case, and an ATA disk that a virtual machine
// emulates, say it as well, and are taken for hard disks; a job can say better (`storage.profile`).
#pragma once

#include "storage/device/device_checks.hpp"
#include "storage/device/device_profile.hpp"

#include <string>

namespace rawswarm
{

// A partition is of its disk's kind, a mapped device, an array or a loop of what lies below. Of several below
// the slowest counts. A regular file, a folder, and what does not exist yet are an image_file; a device
// that /sys does not know is a virtual_disk.
device_kind kind_of(std::string const& path, kernel_files const& files = {});
device_kind kind_of(block_device_id device, kernel_files const& files = {});

} // namespace rawswarm
