// SPDX-License-Identifier: BSD-3-Clause
// Which parts of a source become files of the torrent, decided while the source is read from front to
// back, so that it need be read only once.
//
// Pure: no threads, no I/O. Offsets and lengths are bytes.
#pragma once

#include "storage/device/units.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rawswarm
{

struct source_extent
{
	device_offset offset;
	std::uint64_t length = 0;
	std::string name; // empty: extent_name(offset)
};

// "0x00000000000000000000000000100000": the name that partclone gives an extent.
std::string extent_name(device_offset offset);

struct extent_limits
{
	// A gap shorter than this is hashed and sent as part of the extent around it. Initial value, not
	// measured: an extent costs about 70 bytes of torrent and ends the run that one write carries.
	std::uint64_t min_gap = 4 * std::uint64_t(block_size);

	// Initial value, not measured: 100,000 files are 7 MB of torrent, within libtorrent's default limits on
	// loading.
	std::size_t max_extents = 100'000;
};

// Collects the runs of data of one source into at most max_extents extents.
class extent_builder
{
public:
	explicit extent_builder(std::uint64_t source_size, extent_limits const& limits = {});

	// A run of data, behind all earlier ones. Returns how many bytes of the gap before it became part of the
	// extent, and so precede the run in the torrent.
	std::uint64_t add(device_offset offset, std::uint64_t length);

	// The source has turned out to be longer than was thought.
	void set_source_size(std::uint64_t source_size) { m_source_size = source_size; }

	std::vector<source_extent> const& extents() const { return m_extents; }

private:
	std::uint64_t shortest_gap() const;

	std::uint64_t m_source_size;
	extent_limits m_limits;
	std::vector<source_extent> m_extents;
};

// A part of a buffer, in bytes from its start.
struct buffer_run
{
	std::size_t begin = 0;
	std::size_t length = 0;
};

// The first run of adjacent blocks at or behind `from` that are not all zero; of length 0 if there is
// none. `from` is a multiple of block_size; the last block of the buffer may be shorter.
buffer_run next_data_run(std::span<char const> buffer, std::size_t from);

} // namespace rawswarm
