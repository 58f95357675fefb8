// SPDX-License-Identifier: BSD-3-Clause
// How long the frames of each piece are in a compressed image (seek_table.hpp): enough to find a piece in the
// file without its table, as each frame says where it ends. A table has eight bytes for each block, this has
// them for each piece.
//
// Pure: no I/O, immutable. Offsets and lengths in bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rawswarm
{

class frame_lengths
{
public:
	struct place
	{
		std::uint64_t offset = 0; // in the file
		std::uint64_t length = 0;
	};

	// of_pieces: for each piece of the torrent, in its order; never none.
	explicit frame_lengths(std::span<std::uint32_t const> of_pieces);

	place of_piece(std::size_t piece) const;
	std::uint64_t compressed() const { return m_ends.back(); } // of all frames, without the table

	// The file's size, with the table of so many blocks that rawswarm writes.
	std::uint64_t file_size(std::uint64_t blocks) const;

private:
	std::vector<std::uint64_t> m_ends; // in the file, by piece
};

} // namespace rawswarm
