// SPDX-License-Identifier: BSD-3-Clause
// Why a block device must not be written to, from what /proc and /sys say.
//
// Reads files only and changes nothing. The kernel has the last word: O_EXCL refuses a device that is
// claimed, and these checks say by whom. A device that /sys does not know, or a list that cannot be
// read, is no reason to refuse. May be called from any thread.
//
// Errors are fault::target and read "opening /dev/sda1: mounted on /mnt". A `label` is what the message
// calls the device.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace rawswarm
{

// Where the kernel's files are. Tests bring their own.
struct kernel_files
{
	std::string proc = "/proc";
	std::string sys = "/sys";
};

struct block_device_id
{
	unsigned major_number = 0;
	unsigned minor_number = 0;

	static block_device_id of(dev_t device);

	friend bool operator==(block_device_id, block_device_id) = default;
};

// "/dev/disk/by-id/ata-X (/dev/sda)" for a path that is a link, else the path itself.
std::string device_label(std::string const& path);

// What the device is in use for: "mounted on /mnt", "used as swap", "held by dm-0 (vg-root)", also for
// one of its partitions ("its partition sda1 is mounted on /") or the disk that it is a part of ("its
// disk sda is ..."). Empty: nothing known.
std::optional<std::string> device_use(block_device_id device, kernel_files const& files = {});

// Who has the device open: "open in rawswarm (process 123)". Empty: nobody known. Needs root to see
// the processes of others.
std::optional<std::string> device_opener(std::string const& real_path, kernel_files const& files = {});

// Not in use, not read-only, of at least so many bytes.
result<void> check_block_device(
	std::string const& label, block_device_id device, std::uint64_t needed, kernel_files const& files = {});

result<void> check_device_size(std::string const& label, std::uint64_t size, std::uint64_t needed);

// A block device, a regular file or a folder. Refused by name: anything else.
result<void> check_file_type(std::string const& label, mode_t mode);

// True if the path lies in /dev or below it, once the links in its folder are resolved. A file there
// would take the place of a device and fill the memory.
bool is_below_dev(std::string const& path);

} // namespace rawswarm
