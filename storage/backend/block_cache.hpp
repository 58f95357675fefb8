// SPDX-License-Identifier: BSD-3-Clause
// The blocks that are in memory, by piece: arriving from the swarm, being written, or kept to be served.
//
// A block changes its state, not its place:
//
//	empty --insert_dirty--> dirty --begin_write--> writing --end_write--> clean --(given up)--> empty
//	empty --insert_clean--------------------------------------------------> clean
//
// Blocks are found under a lock a shard; pieces are spread over the shards. No I/O and no callback
// happens under a lock, and nothing that is done for one block takes longer the more blocks there are.
// Thread-safe. When the pool has no free block left, clean blocks are given up, a piece at a time, the least
// recently used first; those of pieces that are still arriving last, since they would have to be read back
// to be hashed. A dirty or writing block is never given up.
#pragma once

#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/backend/pending_block.hpp"
#include "storage/backend/piece_key.hpp"

#include <libtorrent/error_code.hpp>
#include <libtorrent/units.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace rawswarm
{

class block_cache
{
public:
	block_cache(buffer_pool& pool, int shards, disk_stats& stats);
	~block_cache();
	block_cache(block_cache const&) = delete;
	block_cache& operator=(block_cache const&) = delete;

	// A block of the pool, given up by a clean one if need be; nullptr when nothing can be given up.
	char* take_buffer();

	// Takes the buffer over. The place must not be dirty or being written. Returns how many dirty blocks the
	// piece has now. The piece counts as arriving from here on.
	int insert_dirty(piece_key key, block_index block, char* buffer, int length, write_handler handler,
		steady_time now = {});

	// Keeps a block that was read, as one more owner of it, unless there is one already.
	void insert_clean(piece_key key, block_index block, char* buffer, int length);

	// The block with one more owner, which the caller must drop, or nullptr.
	char* find(piece_key key, block_index block);
	void unref(char* buffer) { m_pool.unref(buffer); }
	void unref(std::span<char* const> buffers) { m_pool.unref(buffers); }

	bool contains(piece_key key, block_index block) const;

	// The piece was hashed: it is no longer arriving.
	void piece_arrived(piece_key key);

	// Moves the dirty blocks of a piece to writing, in order.
	void begin_write(piece_key key, std::vector<pending_block>& out);

	// The blocks are clean now, or empty where `error` is set. Those of one piece must lie together.
	void end_write(std::span<pending_block const> blocks);

	int dirty_in(piece_key key) const;

	// True if the block is dirty or being written.
	bool is_unwritten(piece_key key, block_index block) const;

	// Forgets the clean blocks of a piece. Dirty and writing ones stay.
	void drop_clean(piece_key key);

	// Forgets the clean blocks of a whole storage.
	void drop_clean(std::uint32_t storage);

	// Gives clean blocks up until no more than this are in use, or nothing can be given up.
	void shrink_to(int blocks);

	// Blocks that are dirty or being written.
	int unwritten() const { return m_unwritten.load(std::memory_order_relaxed); }

private:
	enum class state : std::uint8_t
	{
		empty,
		dirty,
		writing,
		clean,
	};

	struct cached_block
	{
		char* buffer = nullptr;
		int length = 0;
		state st = state::empty;
		steady_time arrived;
		write_handler handler;
	};

	// Which of a shard's lists of pieces with clean blocks a piece is in.
	enum class use : std::uint8_t
	{
		arrived, // given up first
		arriving
	};

	struct cached_piece
	{
		std::vector<cached_block> blocks;
		int dirty = 0;
		int writing = 0;
		int clean = 0;
		int first_dirty = 0; // all dirty ones lie from here...
		int end_dirty = 0; // ...to before here
		use used_as = use::arrived;
		std::optional<use> listed; // in the list of this use: set if there are clean blocks
		std::list<piece_key>::iterator lru;
	};

	using piece_map = std::unordered_map<piece_key, cached_piece, piece_key_hash>;

	struct shard
	{
		mutable std::mutex mutex;
		piece_map pieces;
		std::array<std::list<piece_key>, 2> lru; // by use; least recently used first
	};

	using lock = std::unique_lock<std::mutex>;

	shard& shard_of(piece_key key) const;
	static cached_block const* find_block(shard const& s, piece_key key, block_index b, lock& l);
	static cached_piece& piece_at(shard& s, piece_key key, block_index b, lock& l);
	static void touch(shard& s, piece_key key, cached_piece& p, lock& l);
	static void erase_if_empty(shard& s, piece_map::iterator it, lock& l);
	void drop_clean(shard& s, piece_map::iterator it, lock& l);
	bool evict_from(shard& s, use u);
	bool evict();

	buffer_pool& m_pool;
	disk_stats& m_stats;
	std::vector<std::unique_ptr<shard>> m_shards;
	std::atomic<unsigned> m_next_victim{0};
	std::atomic<int> m_unwritten{0};
};

} // namespace rawswarm
