// SPDX-License-Identifier: BSD-3-Clause
// Frames (storage/device/block_frame.hpp) of pieces that libtorrent is given unpacked: a web seed has them
// compressed, and what checked the piece had to unpack it. They lie here until the backend is asked to write
// the piece's blocks, and then go into its frame_store, to be passed on as they came.
//
// Frames are a help and no more: whoever does not find one compresses the block. The offers that were made
// first are forgotten when they take too much, such as those of pieces that libtorrent had already.
// Thread-safe.
#pragma once

#include "base/mutex.hpp"

#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/units.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rawswarm
{

// The frames of a piece's first blocks, in their order.
class piece_frames
{
public:
	// Of the next block. Empty: it has none.
	void add(std::span<char const> frame);

	std::span<char const> of_block(std::size_t block) const; // empty: none
	std::size_t blocks() const { return m_ends.size(); }
	std::size_t bytes() const { return m_bytes.size(); }

private:
	std::vector<char> m_bytes;
	std::vector<std::size_t> m_ends; // in m_bytes, by block
};

class frames_beside
{
public:
	// Of a piece whose hash is right with what they unpack to. info_hash: the torrent's, of version 1. With
	// this offer all of them take most_bytes, or it is the only one. Without frames it is none.
	void offer(
		lt::sha1_hash const& info_hash, lt::piece_index_t piece, piece_frames frames, std::size_t most_bytes);

	// Whether there is nothing to be taken. Costs nothing.
	bool empty() const { return m_count.load(std::memory_order_relaxed) == 0; }

	// The frame of a block, once; that of the last block of its piece ends the offer. Empty: none.
	std::string take(lt::sha1_hash const& info_hash, lt::piece_index_t piece, std::size_t block);

private:
	struct offered
	{
		lt::sha1_hash info_hash;
		lt::piece_index_t piece{0};
		piece_frames frames;
	};

	std::atomic<std::size_t> m_count{0};
	mutex m_mutex;
	std::vector<offered> m_offered GUARDED_BY(m_mutex);
};

} // namespace rawswarm
