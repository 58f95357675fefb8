// SPDX-License-Identifier: BSD-3-Clause
// How a kind of device is best written to and read from.
//
// Source of the numbers: tests/bench/disk.cpp, docs/performance.md. A target carries the profile of its
// device; limits that the job sets itself (coalesce_limits) take precedence.
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
	virtual_disk, // virtio, xen, zram: the device behind it has a cache and a queue of its own
	image_file // through the page cache
};

struct device_profile
{
	device_kind kind = device_kind::image_file;

	// Writes under way at once. With one, the device sees ascending sweeps.
	int writers = 2;

	// Reads under way at once.
	int readers = 2;

	// A piece that is not complete is written when it has gathered so many blocks. With 1 every block is a
	// write of its own.
	int max_blocks = 64;

	// Old pieces with fewer blocks than this wait eight times longer.
	int min_blocks = 4;

	// Age at which the blocks of an incomplete piece are written if no piece is ready.
	std::chrono::milliseconds timeout{150};

	// Blocks that a read for a peer may take along behind the requested one.
	int read_ahead_blocks = 64;

	// Blocks that pieces of a source may be read ahead of the last one that was asked for, while pieces are
	// asked for in their order. Pieces that are to be hashed are then read by those who read for peers, in
	// the order of the device. 0: who hashes a piece reads it, several at once.
	int piece_ahead_blocks = 0;
};

device_profile profile_for(device_kind kind);

// "hdd", "ssd", "nvme", "virtual", "file": as in a job.
char const* to_string(device_kind kind) noexcept;
std::optional<device_kind> device_kind_from(std::string_view word) noexcept;

// Which writes bypass the page cache. Only writes of whole pages ever do.
enum class direct_writes
{
	automatic, // those to block devices
	never,
	always // those to image files as well, where the file system can
};

// The job's own limits, which take precedence over every target's profile.
struct coalesce_limits
{
	std::optional<int> max_blocks;
	std::optional<int> min_blocks;
	std::optional<std::chrono::milliseconds> timeout;
};

} // namespace rawswarm
