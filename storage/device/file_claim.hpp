// SPDX-License-Identifier: BSD-3-Clause
// Claims a file or a folder for one writer, as O_EXCL claims a block device: two agents that write different
// images to one file would leave neither. The claim is a lock of flock(2) on the inode, so that it holds for
// each name of the file (hard links, /dev/loop0 over it), on NFS for other machines too, and is gone with the
// descriptor however the process ends. Who does not ask for it is not kept away.
//
// A file system without such locks is no reason to refuse. Any thread. Errors are fault::target and read
// "opening disk.img: in use, being written by rawswarm (process 123)".
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/kernel_files.hpp"

#include <optional>
#include <string>

#include <sys/stat.h>

namespace rawswarm
{

enum class sharing
{
	none,
	partitions // with who claims alike, as partitions of one loop device are written at once
};

// Claims the open file or folder as long as the descriptor, or one that was made of it, is open.
result<void> claim_file(int fd, std::string const& label, sharing with_others = sharing::none);

// Whose claim on a file keeps it from being written: "being written by rawswarm (process 123)". Empty: none
// is known. Asks the kernel's list of locks, and takes none.
std::optional<std::string> claim_on(
	struct stat const& file, sharing with_others = sharing::none, kernel_files const& files = {});

// That nobody has claimed the file, or the folder that it lies in. It need not exist.
result<void> check_unclaimed(std::string const& label, std::string const& path);

// The file that a loop device is attached to, or the one that this is a partition of. Empty: it is none.
std::string backing_file(block_device_id device, kernel_files const& files = {});

// That nobody has claimed that file, or only for other partitions of the device.
result<void> check_backing_file(block_device_id device, std::string const& label);

// The claim on the file behind an open loop device or its partition. An empty descriptor: it is none, or its
// file is not found by the name that it had.
result<unique_fd> claim_backing_file(int fd, block_device_id device, std::string const& label);

} // namespace rawswarm
