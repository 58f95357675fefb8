// SPDX-License-Identifier: BSD-3-Clause
// Claims a file or a folder for one writer, as O_EXCL claims a block device: two agents that write different
// images to one file would leave neither. The claim is a lock of flock(2) on the inode, so that it holds for
// each name of the file (hard links, /dev/loop0 over it), and is gone with the
// descriptor however the process ends. Who does not ask for it is not kept away.
//
// On NFS the kernel makes it a lock of fcntl(2) on the server, so that the claim on a file keeps other
// machines away; that on a folder holds on this machine alone, and so does any where the mount says nolock or
// local_lock (flock(2), nfs(5)).
//
// A file system without such locks is no reason to refuse. Any thread. Errors are fault::target and read
// "opening disk.img: in use, being written by rawswarm (process 123)", or "claiming disk.img: Input/output
// error".
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

// That nobody has claimed the file behind a loop device or its partition (loop_file.hpp), or only for other
// partitions of the device.
result<void> check_backing_file(block_device_id device, std::string const& label);

// The claim on that file. An empty descriptor: there is none, or it is not found by the name that it had.
// Then who opens it by another name is told of the loop device (attached_loop()).
result<unique_fd> claim_backing_file(block_device_id device, std::string const& label);

} // namespace rawswarm
