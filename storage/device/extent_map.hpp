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

// A part of a request: so many bytes of the buffer, in order, and where they lie.
struct segment
{
	std::optional<device_offset> offset; // empty: a pad file, zeros
	int length = 0; // bytes
};

// Nearly every request is one segment; one that crosses a border of extents is two. The room for four
// keeps the data path free of allocations.
using segments = boost::container::small_vector<segment, 4>;

// "0x0001f000", "1F000": the offset. Empty if the name is no such offset, or one past 2^63 - 1.
std::optional<device_offset> parse_offset(std::string_view file_name);

class extent_map
{
public:
	// Refused (fault::refused): a name that is no offset, extents that overlap, an extent that ends
	// past 2^63 - 1, a symbolic link. Files of no length are left out, once their names are checked.
	static result<extent_map> build(lt::file_storage const& files);

	// The segments of `length` bytes at `offset` inside `piece`, in the order of the bytes. The range
	// must lie inside the torrent. Binary search, no strings.
	// A segment never crosses from one file of the torrent to another, even if they are adjacent.
	segments map(lt::piece_index_t piece, int offset, int length) const;

	// All extents, in the order of the device.
	std::span<extent const> extents() const { return m_by_device; }

	// One past the last byte on the device.
	device_offset end() const;

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
