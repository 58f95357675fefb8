// SPDX-License-Identifier: BSD-3-Clause
// Whether files are in memory, as all of them are in an initramfs.
#pragma once

namespace rawswarm
{

// True if the path is in a file system of the kinds that an initramfs is: rootfs, ramfs, tmpfs.
bool is_in_memory(char const* path) noexcept;

} // namespace rawswarm
