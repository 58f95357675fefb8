// SPDX-License-Identifier: BSD-3-Clause
// Ranges that come in the order of their offsets, with those joined that lie close together, and with a bound
// on their number however many come.
//
// Pure. Offsets and lengths are bytes.
#pragma once

#include "base/bytes.hpp"
#include "storage/device/units.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rawswarm
{

class range_list
{
public:
	static constexpr std::uint64_t shortest_gap = 64_KiB;

	// A gap shorter than min_gap becomes part of the ranges around it: an extent costs 70 bytes of torrent
	// and ends the run that one write carries. With more than `most` ranges min_gap doubles, and those that
	// there are are joined by it. `most`: 16 MB of memory.
	explicit range_list(std::uint64_t min_gap = shortest_gap, std::size_t most = std::size_t(1) << 20)
		: m_min_gap(min_gap)
		, m_most(most)
	{}

	// Not before the last range, which it may touch or overlap. Nothing if it is empty.
	void add(byte_range range);

	std::vector<byte_range> const& ranges() const { return m_ranges; }

private:
	void append(byte_range range);

	std::uint64_t m_min_gap;
	std::size_t m_most;
	std::vector<byte_range> m_ranges;
};

// What of the ranges lies in `window`.
std::vector<byte_range> clipped(std::vector<byte_range> const& ranges, byte_range window);

} // namespace rawswarm
