// SPDX-License-Identifier: BSD-3-Clause
// Where the bytes of a torrent lie on a device.
//
// The name of each file of the torrent is its byte offset on the device in hexadecimal, with or
// without "0x", with any number of leading zeros, under any directory; its length is the extent's.
// Pad files (BEP 47) hold zeros and have no place on the device. Built once and checked whole; after
// that it is immutable and free of strings, and may be read from any thread.
#pragma once

#include "base/result.hpp"
#include "storage/device/units.hpp"

#include <boost/container/small_vector.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/units.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace rawswarm
{

// A run of bytes of the torrent that lies in one piece on the device.
struct extent
{
	device_offset offset;
	std::uint64_t length = 0; // bytes, never 0
	std::uint64_t torrent_offset = 0; // bytes from the start of the torrent
	lt::file_index_t file{0};
};

// A part of a request: the next bytes of the buffer, and where they lie on the device.
struct segment
{
	std::optional<device_offset> offset; // empty: a pad file, zeros
	int length = 0; // bytes
};

// Nearly every request is one segment; one that crosses a border of extents is two. Space for four
// keeps the data path free of allocations.
using segments = boost::container::small_vector<segment, 4>;

// The offset that a name like "0x0001f000" or "1F000" says. Empty if it says none, or one past 2^63 - 1.
std::optional<device_offset> parse_offset(std::string_view file_name);

// The first of two neighbours that overlap, or the end. For a range, sorted by offset, of what has an offset
// and a length on a device.
template <class Range>
auto find_overlap(Range const& by_device)
{
	return std::ranges::adjacent_find(
		by_device, [](auto const& a, auto const& b) { return a.offset + a.length > b.offset; });
}

class extent_map
{
public:
	// Refused (fault::refused): a name that is no offset (of a torrent that is one file and no folder, one
	// without "0x" as well), extents that overlap, an extent that ends
	// past 2^63 - 1, a symbolic link. The names of empty files are checked, but they become no extents.
	static result<extent_map> build(lt::file_storage const& files);

	// The segments of `length` bytes at `offset` inside `piece`, in the order of the bytes. The range
	// must lie inside the torrent. Binary search, no strings.
	// A segment never crosses from one file of the torrent to another, even if they are adjacent.
	segments map(lt::piece_index_t piece, int offset, int length) const;

	// All extents, in the order of the device.
	std::span<extent const> extents() const { return m_by_device; }

	// One past the last byte on the device.
	device_offset end() const;

	// The parts of these ranges, which are sorted and do not overlap, that no extent covers.
	std::vector<byte_range> without_extents(std::span<byte_range const> ranges) const;

	// Bytes in extents (the torrent's size less its pad files).
	std::uint64_t total() const { return m_total; }

private:
	extent_map() = default;

	// Ends where the next one begins, the last one where the torrent ends.
	struct torrent_range
	{
		std::uint64_t begin = 0; // in the torrent
		std::optional<device_offset> offset; // empty: a pad file
	};

	std::vector<torrent_range> m_by_torrent; // sorted, without gaps
	std::vector<extent> m_by_device; // sorted, without overlaps
	std::uint64_t m_total = 0;
	std::uint64_t m_torrent_size = 0;
	int m_piece_length = 0;
};

} // namespace rawswarm
