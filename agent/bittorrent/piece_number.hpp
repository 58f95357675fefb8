// SPDX-License-Identifier: BSD-3-Clause
// The number of a piece in its torrent: libtorrent's strong type, and what indexes a vector.
#pragma once

#include <libtorrent/units.hpp>

#include <cstddef>

namespace rawswarm
{

// A negative index, which a peer may send, becomes a number that is larger than any torrent.
constexpr std::size_t number_of(lt::piece_index_t const piece)
{
	return static_cast<std::size_t>(static_cast<int>(piece));
}

// number: of a piece of a torrent, so that it fits an int.
constexpr lt::piece_index_t piece_index(std::size_t const number)
{
	return lt::piece_index_t(static_cast<int>(number));
}

} // namespace rawswarm
