// SPDX-License-Identifier: BSD-3-Clause
// Maps a piece to ranges of the files of a web seed.
//
// A URL whose path ends in '/' is a folder of offset-named files: each file of the torrent is below it under
// its own path, without the torrent's name. Any other URL is an image file, in which each extent is at its
// own offset, unless it turns out to be a compressed image, which has a table of its own
// (web_seed_image.hpp). Pad files are not on the server; they are zeros. Sizes and offsets in bytes.
//
// Pure and immutable; any thread may read it.
#pragma once

#include "agent/net/url.hpp"

#include <libtorrent/fwd.hpp>
#include <libtorrent/units.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rawswarm
{

// A run of bytes of a piece.
struct web_range
{
	std::string target; // of the request line
	std::uint64_t begin = 0; // in the server's file
	std::uint64_t length = 0; // never 0
	std::uint64_t offset = 0; // in the piece
	std::uint64_t file_size = 0; // the least size that the server's file must have
	bool exact = false; // it must have exactly that size, as it is one extent
};

// Cuts the first range in two, so that not more than so many bytes are asked for before the server has said
// how long its file is.
void shorten_first(std::vector<web_range>& ranges, std::uint64_t length);

class web_seed_layout
{
public:
	// The names of the torrent's files must be offsets (extent_map::build). image_size: the end of the last
	// extent.
	web_seed_layout(
		url const& from, std::shared_ptr<lt::torrent_info const> torrent, std::uint64_t image_size);

	bool is_folder() const { return m_is_folder; }

	// In the order of the piece. Bytes of the piece that no range covers are zeros.
	std::vector<web_range> ranges(lt::piece_index_t piece) const;

private:
	std::string target_of(lt::file_index_t file) const;

	std::shared_ptr<lt::torrent_info const> m_torrent;
	std::string m_path;
	std::string m_query; // with its '?'; or empty
	std::uint64_t m_image_size;
	bool m_is_folder;
};

} // namespace rawswarm
