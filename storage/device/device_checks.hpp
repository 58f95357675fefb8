// SPDX-License-Identifier: BSD-3-Clause
// Reasons not to write to a block device, according to /proc and /sys.
//
// Reads files only and changes nothing. The kernel has the last word: O_EXCL refuses a device that is
// claimed, and these checks say by whom. A device that /sys does not know, or a list that cannot be
// read, is no reason to refuse. May be called from any thread.
//
// Errors are fault::target and read "opening /dev/sda1: mounted on /mnt". A `label` is what the message
// calls the device.
#pragma once

#include "base/result.hpp"
#include "storage/device/kernel_files.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace rawswarm
{

// "opening /dev/sda1: Permission denied", fault::target.
error opening_failed(std::string const& label, int error_number);

// "/dev/disk/by-id/ata-X (/dev/sda)" for a path that is a link, else the path itself.
std::string device_label(std::string const& path);

// The use of the device: "mounted on /mnt", "used as swap", "held by dm-0 (vg-root)", "attached to loop0";
// also of one of its partitions ("its partition sda1 is mounted on /") or of the disk that it is a part of
// ("its disk sda is ..."). Empty: none known.
std::optional<std::string> device_use(block_device_id device, kernel_files const& files = {});

// What keeps a device from being claimed although device_use() knows of nothing: a mount in another mount
// namespace ("mounted on /mnt in the namespace of bash (process 123)"), or a process that has it, its
// partition or its disk open ("open in rawswarm (process 123)", "its partition sda1 is open in ..."). Empty:
// none known. Needs root to see the processes of others.
std::optional<std::string> device_holder(block_device_id device, kernel_files const& files = {});

// The loop device that the file (by any name) or the device is attached to: "attached to loop0", or empty.
std::optional<std::string> attached_loop(std::string const& real_path, kernel_files const& files = {});

// That the device is not in use, not read-only and has at least `needed` bytes.
result<void> check_block_device(
	std::string const& label, block_device_id device, std::uint64_t needed, kernel_files const& files = {});

result<void> check_device_size(std::string const& label, std::uint64_t size, std::uint64_t needed);

// That it is a block device, a regular file or a folder. The error names any other type.
result<void> check_file_type(std::string const& label, mode_t mode);

// True if the path lies in /dev or below it, after the links in its folder are resolved. A file there
// would take the name of a device and fill the memory.
bool is_below_dev(std::string const& path);

} // namespace rawswarm
