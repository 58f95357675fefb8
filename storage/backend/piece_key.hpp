// SPDX-License-Identifier: BSD-3-Clause
// Names of a piece among all torrents of the backend, and of a block in its torrent.
#pragma once

#include "storage/device/units.hpp"

#include <libtorrent/units.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace rawswarm
{

// storage: unique for the life of the backend, unlike libtorrent's storage_index_t, which is used again.
struct piece_key
{
	std::uint32_t storage = 0;
	lt::piece_index_t piece{0};

	friend bool operator==(piece_key const&, piece_key const&) = default;
};

struct piece_key_hash
{
	std::size_t operator()(piece_key const& k) const
	{
		return (std::size_t(k.storage) << 32) ^ static_cast<std::size_t>(static_cast<int>(k.piece));
	}
};

// A block of one torrent.
struct block_ref
{
	lt::piece_index_t piece{0};
	block_index block;

	friend bool operator==(block_ref const&, block_ref const&) = default;
};

struct block_ref_hash
{
	std::size_t operator()(block_ref const& b) const
	{
		// a prime, so that the blocks of neighbouring pieces do not meet
		return static_cast<std::size_t>(static_cast<int>(b.piece)) * 1031
			+ static_cast<std::size_t>(b.block.value);
	}
};

} // namespace rawswarm
