// SPDX-License-Identifier: BSD-3-Clause
// Strong types for the three things that must not be mixed up, and the sizes that everything shares.
#pragma once

#include <compare>
#include <cstdint>

namespace rawswarm
{

// BitTorrent's request unit (BEP 3), and the unit of the buffer pool.
inline constexpr int block_size = 16 * 1024;

// A place on a device, in bytes from its start.
struct device_offset
{
	std::uint64_t bytes = 0;

	friend auto operator<=>(device_offset, device_offset) = default;
	friend device_offset operator+(device_offset a, std::uint64_t n) { return {a.bytes + n}; }
	friend std::uint64_t operator-(device_offset a, device_offset b) { return a.bytes - b.bytes; }
};

// The number of a block inside its piece.
struct block_index
{
	int value = 0;

	friend auto operator<=>(block_index, block_index) = default;
};

} // namespace rawswarm
