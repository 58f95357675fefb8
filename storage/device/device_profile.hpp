// SPDX-License-Identifier: BSD-3-Clause
// How a kind of device wants to be written to and read from.
//
// Where the numbers come from: tests/bench/disk.cpp, docs/performance.md. A target carries the profile of its
// device; limits that the job sets itself (coalesce_limits) go before it.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace rawswarm
{

enum class device_kind
{
	hdd, // seeks cost more than a megabyte of transfer
	sata_ssd, // no seeks, one queue of 32
	nvme, // no seeks, many queues
	virtual_disk, // virtio, xen, zram: whatever lies behind has a cache and a queue of its own
	image_file // through the page cache
};

struct device_profile
{
	device_kind kind = device_kind::image_file;

	// Writes under way at once. With one, the device sees ascending sweeps.
	int writers = 2;

	// Reads under way at once.
	int readers = 2;

	// Blocks that a piece gathers before they are written though it is not complete. With 1 every block is
	// a write of its own.
	int max_blocks = 64;

	// Fewer wait for their age eight times longer.
	int min_blocks = 4;

	// Age at which the blocks of an incomplete piece are written if the device has nothing better to do.
	std::chrono::milliseconds timeout{150};

	// Blocks that a read for a peer may take along behind the one that was asked for.
	int read_ahead_blocks = 64;
};

device_profile profile_for(device_kind kind);

// "hdd", "ssd", "nvme", "virtual", "file": the words of a job, too.
char const* to_string(device_kind kind) noexcept;
std::optional<device_kind> device_kind_from(std::string_view word) noexcept;

// Which writes go past the page cache. Only what consists of whole pages ever does.
enum class direct_writes
{
	automatic, // those to block devices
	never,
	always // those to image files as well, where the file system can
};

// What the job sets itself, over every target's profile.
struct coalesce_limits
{
	std::optional<int> max_blocks;
	std::optional<int> min_blocks;
	std::optional<std::chrono::milliseconds> timeout;
};

} // namespace rawswarm
