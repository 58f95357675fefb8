// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/frame_lengths.hpp"

#include "storage/device/seek_table.hpp"

namespace rawswarm
{

frame_lengths::frame_lengths(std::span<std::uint32_t const> const of_pieces)
{
	m_ends.reserve(of_pieces.size());
	std::uint64_t end = 0;
	for (auto const length : of_pieces)
	{
		end += length;
		m_ends.push_back(end);
	}
}

frame_lengths::place frame_lengths::of_piece(std::size_t const piece) const
{
	auto const begin = piece == 0 ? 0 : m_ends.at(piece - 1);
	return {begin, m_ends.at(piece) - begin};
}

std::uint64_t frame_lengths::file_size(std::uint64_t const blocks) const
{
	return compressed() + seek_table_size(blocks);
}

} // namespace rawswarm
