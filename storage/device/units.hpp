// SPDX-License-Identifier: BSD-3-Clause
// Strong types for the things that must not be mixed up, and the sizes that everything shares.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace rawswarm
{

// BitTorrent's request unit (BEP 3), and the unit of the buffer pool. Bytes.
inline constexpr int block_size = 16 * 1024;

// Blocks in so many bytes of a piece; the last one may be shorter.
constexpr int blocks_in(int const bytes)
{
	return (bytes + block_size - 1) / block_size;
}

// No device ends past this: the kernel's offsets are signed.
inline constexpr std::uint64_t max_device_end = std::numeric_limits<std::int64_t>::max();

// A place on a device, in bytes from its start.
struct device_offset
{
	std::uint64_t bytes = 0;

	friend auto operator<=>(device_offset, device_offset) = default;
	friend device_offset operator+(device_offset a, std::uint64_t n) { return {a.bytes + n}; }
	friend std::uint64_t operator-(device_offset a, device_offset b) { return a.bytes - b.bytes; }
};

// A part of a device, in bytes.
struct byte_range
{
	device_offset offset;
	std::uint64_t length = 0;

	device_offset end() const { return offset + length; }

	friend bool operator==(byte_range, byte_range) = default;
};

// The number of a block inside its piece.
struct block_index
{
	int value = 0;

	friend auto operator<=>(block_index, block_index) = default;
};

// The clock that ages and latencies are measured by.
using steady_time = std::chrono::steady_clock::time_point;

} // namespace rawswarm
