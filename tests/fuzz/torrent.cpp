// SPDX-License-Identifier: BSD-3-Clause
// A .torrent as a server or a medium has it (agent/bittorrent/torrent_load.hpp): it is refused, or its
// extents are apart from each other and end before any device does, each byte of its first and last piece has
// one place on the device and no two in a web seed, and what it says of its source can be written. So can
// what it says of its pieces beside the info dictionary.
//
// Compiled with: agent/bittorrent/beside_info.cpp agent/bittorrent/torrent_frames.cpp
// Compiled with: agent/bittorrent/torrent_hints.cpp agent/bittorrent/torrent_load.cpp
// Compiled with: agent/bittorrent/torrent_seals.cpp
// Compiled with: agent/net/address.cpp agent/net/uri_reference.cpp agent/net/url.cpp
// Compiled with: agent/web_seed/web_seed_layout.cpp base/clean_text.cpp base/percent_encoded.cpp
// Compiled with: base/text.cpp storage/device/extent_map.cpp -ltorrent-rasterbar -lssl -lcrypto
#include "agent/bittorrent/torrent_frames.hpp"
#include "agent/bittorrent/torrent_hints.hpp"
#include "agent/bittorrent/torrent_load.hpp"
#include "agent/bittorrent/torrent_seals.hpp"
#include "agent/web_seed/web_seed_layout.hpp"
#include "storage/device/extent_map.hpp"
#include "tests/fuzz/require.hpp"

#include <libtorrent/entry.hpp>
#include <libtorrent/torrent_info.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace
{

using namespace rawswarm;
using fuzz::require;

void check_extents(extent_map const& extents, lt::torrent_info const& torrent)
{
	std::uint64_t end = 0;
	std::uint64_t total = 0;
	for (auto const& e : extents.extents())
	{
		require(e.length > 0 && e.offset.bytes >= end && e.length <= max_device_end - e.offset.bytes);
		require(e.torrent_offset + e.length <= static_cast<std::uint64_t>(torrent.total_size()));
		end = e.offset.bytes + e.length;
		total += e.length;
	}
	require(total == extents.total() && end == extents.end().bytes);
}

void check_piece(extent_map const& extents, lt::torrent_info const& torrent, lt::piece_index_t const piece)
{
	auto const size = torrent.piece_size(piece);
	require(size > 0 && size <= torrent.piece_length());
	std::int64_t bytes = 0;
	std::uint64_t on_device = 0;
	for (auto const& part : extents.map(piece, 0, size))
	{
		require(part.length > 0);
		require(!part.offset || part.offset->bytes + std::uint64_t(part.length) <= extents.end().bytes);
		bytes += part.length;
		on_device += part.offset ? std::uint64_t(part.length) : 0;
	}
	require(bytes == size && on_device <= extents.total());
}

void check_web_ranges(web_seed_layout const& layout, lt::torrent_info const& torrent,
	lt::piece_index_t const piece, std::uint64_t const image_size)
{
	std::uint64_t at = 0;
	for (auto const& range : layout.ranges(piece))
	{
		require(range.length > 0 && range.offset >= at);
		require(range.begin <= range.file_size && range.length <= range.file_size - range.begin);
		require(layout.is_folder() || range.begin + range.length <= image_size);
		fuzz::require_one_line(range.target);
		at = range.offset + range.length;
	}
	require(at <= static_cast<std::uint64_t>(torrent.piece_size(piece)));
}

void check_hints(torrent_hints const& hints)
{
	device_offset end;
	for (auto const& range : hints.zero_ranges)
	{
		require(range.offset >= end && range.length > 0 && range.end().bytes <= hints.source_size.value());
		end = range.end();
	}
	require(!hints.smallest || *hints.smallest <= hints.source_size.value());
	if (hints.source_size)
	{
		auto const written = write_hints(hints);
		require(written.find_key("size")->integer() == std::int64_t(*hints.source_size));
		require((written.find_key("gaps") == nullptr) == hints.zero_ranges.empty());
	}
}

void check_torrent(std::shared_ptr<lt::torrent_info const> const& torrent)
{
	auto const extents = extent_map::build(torrent->files());
	if (!extents)
	{
		require(extents.error().kind == fault::refused);
		fuzz::require_one_line(extents.error().text);
		return;
	}
	auto const& map = extents.value();
	check_extents(map, *torrent);
	web_seed_layout const image(parse_url("http://192.0.2.1/a.img?x").value(), torrent, map.end().bytes);
	web_seed_layout const folder(parse_url("http://192.0.2.1/a/").value(), torrent, map.end().bytes);
	for (auto const piece : {lt::piece_index_t(0), torrent->last_piece()})
	{
		check_piece(map, *torrent, piece);
		check_web_ranges(image, *torrent, piece, map.end().bytes);
		check_web_ranges(folder, *torrent, piece, map.end().bytes);
	}
	if (auto const hints = read_hints(*torrent, map))
	{
		check_hints(hints.value());
	}
}

void check_beside(std::string_view const bytes, int const pieces)
{
	auto const lengths = read_frame_lengths(bytes, pieces);
	auto const seals = read_seals(bytes, pieces);
	for (auto const* const failure : {lengths ? nullptr : &lengths.error(), seals ? nullptr : &seals.error()})
	{
		require(failure == nullptr || failure->kind == fault::refused);
	}
	if (lengths && !lengths.value().empty())
	{
		auto const& all = lengths.value();
		require(all.size() == static_cast<std::size_t>(pieces));
		require(write_frame_lengths(all)["lengths"].string().size() == all.size() * sizeof(all.front()));
	}
	if (seals)
	{
		require(seals.value().raw.size() % static_cast<std::size_t>(pieces) == 0);
		require(seals.value().frames.size() % static_cast<std::size_t>(pieces) == 0);
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	auto const torrent = load_torrent(fuzz::text_of(data, size), "a.torrent");
	if (torrent)
	{
		require(torrent.value()->num_pieces() > 0 && torrent.value()->total_size() > 0);
		check_torrent(torrent.value());
		check_beside(fuzz::text_of(data, size), torrent.value()->num_pieces());
	}
	else
	{
		require(torrent.error().kind == fault::refused);
		fuzz::require_one_line(torrent.error().text);
	}
	return 0;
}
