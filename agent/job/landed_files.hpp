// SPDX-License-Identifier: BSD-3-Clause
// Puts small files into the file systems of an image that is on its device, and removes others: what differs
// from machine to machine, such as the host name.
//
// By the kernel's own mount, on a folder of this program's own. Each file is there whole or not at all, and
// safe once the file system is unmounted, which is part of the work. A link in a path never leads out of the
// file system. Blocking; needs root.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"

#include <span>
#include <string>

namespace rawswarm
{

// device: that of the target. fault::target for a partition that is not there or that holds no file system
// which this kernel has; fault::device for what fails on it: "putting /etc/hostname on partition 2 of
// /dev/sda: No space left on device".
result<void> land_files(std::string const& device, std::span<landed_file const> files);

} // namespace rawswarm
