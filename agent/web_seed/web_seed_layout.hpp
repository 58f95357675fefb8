// SPDX-License-Identifier: BSD-3-Clause
// Which bytes of which file of a web seed a piece is made of.
//
// A URL whose path ends in '/' is a folder of offset-named files: each file of the torrent lies below it
// under its own path, without the torrent's name. Any other URL is an image file: each extent lies in it at
// its own offset. Pad files lie nowhere and are zeros. Sizes and places in bytes.
//
// Pure and immutable; any thread may read it while the torrent lives.
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
	std::uint64_t file_size = 0; // that the server's file has, or must have at least
	bool exact = false; // it must be that, as the file is one extent alone
};

class web_seed_layout
{
public:
	// The torrent's names must be offsets (extent_map::build), and image_size one past its last byte.
	web_seed_layout(
		url const& from, std::shared_ptr<lt::torrent_info const> torrent, std::uint64_t image_size);

	bool is_folder() const { return m_is_folder; }

	// In the order of the piece. What is in none of them is zeros.
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
