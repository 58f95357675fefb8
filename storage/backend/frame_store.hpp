// SPDX-License-Identifier: BSD-3-Clause
// Blocks in memory as frames (storage/device/block_frame.hpp): those that arrived as frames or were packed
// for a peer, kept to be passed on as they are.
//
// Frames lie one behind the other in blocks of the pool, which are within its budget. They are evicted a
// block of the pool at a time, the one that was filled first goes first: a room passes on what has just
// arrived. A frame is used by reference to its block of the pool, which stays until the last one is dropped.
// Thread-safe.
#pragma once

#include "base/mutex.hpp"
#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/piece_key.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <span>
#include <unordered_map>
#include <vector>

namespace rawswarm
{

class frame_store
{
public:
	// take: a block of the pool with one reference, or nullptr. It may call evict().
	frame_store(buffer_pool& pool, std::function<char*()> take);
	~frame_store();
	frame_store(frame_store const&) = delete;
	frame_store& operator=(frame_store const&) = delete;

	// Of the pool's budget.
	static constexpr double max_share = 0.25;

	// Keeps a copy of the frame, no longer than a block, in place of an older one of the same block. Returns
	// it with a reference that the caller must drop; empty: no memory.
	std::span<char> keep(piece_key key, block_index block, std::span<char const> frame);

	// The same, for a frame that must not be lost: beyond the budget if there is nothing else.
	std::span<char> keep_at_any_price(
		piece_key key, block_index block, std::span<char const> frame, std::function<char*()> const& take);

	// The frame with one more reference; empty: it is not there.
	std::span<char> find(piece_key key, block_index block);

	// Forgets frames: their blocks came anew, or their torrent is gone.
	void drop(piece_key key, block_index block);
	void drop(piece_key key);
	void drop(std::uint32_t storage);

	// Frees the block of the pool that was filled first, of those that nobody else uses. False if there is
	// none.
	bool evict();

	// Blocks of the pool.
	int blocks() const;

private:
	struct place
	{
		std::span<char> frame; // empty: none
		std::uint64_t holder = 0; // number of the block of the pool
	};

	struct holder
	{
		std::uint64_t number = 0; // never used twice
		char* buffer = nullptr;
		std::size_t used = 0; // bytes
		std::vector<std::pair<piece_key, block_index>> frames; // some may have been replaced
	};

	std::span<char> append(piece_key key, block_index block, std::span<char const> frame) REQUIRES(m_mutex);
	void forget_frames(holder const& h) REQUIRES(m_mutex);
	int max_blocks() const;

	buffer_pool& m_pool;
	std::function<char*()> const m_take;
	mutable mutex m_mutex;
	std::uint64_t m_last_number GUARDED_BY(m_mutex) = 0;
	std::list<holder> m_holders GUARDED_BY(m_mutex); // the one that is being filled is the last
	std::unordered_map<piece_key, std::vector<place>, piece_key_hash> m_places GUARDED_BY(m_mutex);
};

} // namespace rawswarm
