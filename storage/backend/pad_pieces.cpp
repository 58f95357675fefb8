// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/pad_pieces.hpp"

#include "storage/backend/piece_key.hpp"

#include <libtorrent/hasher.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace rawswarm
{

namespace
{

lt::sha1_hash hash_of_zeros(int length)
{
	std::array<char, static_cast<std::size_t>(block_size)> const zeros{};
	lt::hasher sum;
	for (; length > 0; length -= block_size)
	{
		sum.update(lt::span<char const>(zeros).first(std::min(length, block_size)));
	}
	return sum.final();
}

} // namespace

result<std::vector<lt::piece_index_t>> find_pad_pieces(
	lt::torrent_info const& torrent, extent_map const& extents)
{
	std::vector<lt::piece_index_t> found;
	if (extents.total() == static_cast<std::uint64_t>(torrent.total_size()))
	{
		return found; // without pads, as most are
	}
	std::optional<lt::sha1_hash> whole; // of a piece of the usual length
	for (int i = 0; i < torrent.num_pieces(); ++i)
	{
		lt::piece_index_t const piece{i};
		int const size = torrent.piece_size(piece);
		if (std::ranges::any_of(extents.map(piece, 0, size), [](segment const& s) { return bool(s.offset); }))
		{
			continue;
		}
		if (size == torrent.piece_length() && !whole)
		{
			whole = hash_of_zeros(size);
		}
		if (torrent.hash_for_piece(piece) != (size == torrent.piece_length() ? *whole : hash_of_zeros(size)))
		{
			return fail(fault::refused,
				"reading the torrent: piece {} is padding, but its hash is not that of zeros", i);
		}
		found.push_back(piece);
	}
	return found;
}

} // namespace rawswarm
