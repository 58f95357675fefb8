// SPDX-License-Identifier: BSD-3-Clause
// The blocks that are in memory, by piece: arriving from the swarm, being written, or kept to be served.
//
// A block changes its state, not its place:
//
//	empty --insert_dirty--> dirty --begin_write--> writing --end_write--> clean --(evicted)--> empty
//	empty --insert_clean--------------------------------------------------> clean
//
// A block that comes again while it is being written goes from there to dirty.
//
// Blocks are found under a lock per shard; pieces are spread over the shards. No I/O and no callback
// happens under a lock, and no operation on one block takes longer the more blocks there are.
// When the pool has no free block left, clean blocks are evicted, a piece at a time, the least recently used
// first; then those of pieces that were read and are still to be sent; those of pieces that are still
// arriving last, since they would have to be read back to be hashed. A dirty or writing block is never
// evicted. Thread-safe.
#pragma once

#include "base/mutex.hpp"
#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/cached_piece.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/backend/evicted_sums.hpp"
#include "storage/backend/pending_block.hpp"
#include "storage/backend/piece_key.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
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

	// What else can be evicted once the cache has no clean block of an arrived piece left: frees a block of
	// the pool, or returns false. Set once, before the first block.
	void set_spare(std::function<bool()> evict) { m_evict_spare = std::move(evict); }

	// A block of the pool with one reference, evicted from the cache if need be; nullptr if nothing can be
	// evicted.
	char* take_buffer();

	// The same, but beyond the budget if nothing can be evicted, and then counted (blocks_beyond_budget). For
	// blocks that have arrived: how many may still come once peers were told to stop is bounded
	// (storage_context::in_flight_blocks()).
	char* take_buffer_at_any_price();

	struct inserted
	{
		int dirty = 0; // blocks of the piece that are dirty now
		bool is_more = true; // one more block is unwritten; false: it took the place of one that was
	};

	// Takes the buffer over. The piece counts as arriving from here on. A block that comes again before it is
	// written takes the place of the older one, whose handler is called as well; one that comes while the
	// older one is being written is dirty once that write has ended.
	inserted insert_dirty(piece_key key, block_index block, char* buffer, int length, write_handler handler,
		steady_time now = {});

	// Keeps a block that was read, with a reference of its own, unless it has the block already.
	void insert_clean(piece_key key, block_index block, char* buffer, int length);

	// The same for a block that was read before peers got it: it stays longer than those that they got, until
	// piece_sent(). Of a piece that nobody writes.
	void insert_expected(piece_key key, block_index block, char* buffer, int length);

	// Peers got what was expected of the piece.
	void piece_sent(piece_key key);

	// The block with one more reference, which the caller must drop, or nullptr.
	char* find(piece_key key, block_index block);
	void unref(char* buffer) { m_pool.unref(buffer); }
	void unref(std::span<char* const> buffers) { m_pool.unref(buffers); }

	bool contains(piece_key key, block_index block) const;

	// Whether the block was evicted while its piece was arriving, and held something else than these bytes,
	// which were read back. False if that is not known.
	bool held_something_else(piece_key key, block_index block, std::span<char const> bytes) const;

	// The piece was hashed: it is no longer arriving.
	void piece_arrived(piece_key key);

	// Moves the dirty blocks of a piece to writing, in order.
	void begin_write(piece_key key, std::vector<pending_block>& out);

	// The blocks are clean now, or empty where `error` is set. Those of one piece must lie together. Returns
	// those that came again meanwhile: they are dirty.
	std::vector<block_ref> end_write(std::span<pending_block const> blocks);

	int dirty_in(piece_key key) const;

	// True if the block is dirty or being written.
	bool is_unwritten(piece_key key, block_index block) const;

	// Forgets the clean blocks of a piece. Dirty and writing ones stay.
	void drop_clean(piece_key key);

	// Forgets the clean blocks of a whole storage.
	void drop_clean(std::uint32_t storage);

	// Evicts clean blocks until no more than this are in use, or nothing can be evicted.
	void shrink_to(int blocks);

	// Blocks that are dirty or being written.
	int unwritten() const { return m_unwritten.load(std::memory_order_relaxed); }

	// Ends the program if the counts disagree with the blocks. No other thread may use the cache meanwhile.
	void check_invariants() const;

private:
	// Which of a shard's lists of pieces with clean blocks a piece is in: in the order of eviction.
	enum class use : std::uint8_t
	{
		arrived, // evicted first
		expected, // read, and not sent yet
		arriving
	};

	struct entry
	{
		cached_piece piece;
		use used_as = use::arrived;
		std::optional<use> listed; // in the list of this use: set if there are clean blocks
		std::list<piece_key>::iterator lru;
	};

	using piece_map = std::unordered_map<piece_key, entry, piece_key_hash>;

	struct shard
	{
		mutable mutex guard;
		piece_map pieces GUARDED_BY(guard);
		std::array<std::list<piece_key>, 3> lru GUARDED_BY(guard); // by use; least recently used first
		evicted_sums evicted GUARDED_BY(guard); // of pieces that are arriving
	};

	shard& shard_of(piece_key key) const;
	static cached_piece const* find_piece(shard const& s, piece_key key) REQUIRES(s.guard);
	static std::list<piece_key>& lru_of(shard& s, use u) REQUIRES(s.guard);
	static void touch(shard& s, piece_key key, entry& e) REQUIRES(s.guard);
	static void erase_if_empty(shard& s, piece_map::iterator it) REQUIRES(s.guard);
	static void check_piece(shard const& s, piece_key key) REQUIRES(s.guard);
	static void check_piece_after_change(shard const& s, piece_key key) REQUIRES(s.guard);
	void drop_clean(shard& s, piece_map::iterator it) REQUIRES(s.guard);
	void insert_clean(piece_key key, block_index block, char* buffer, int length, use read_as);
	bool evict_from(shard& s, use u);
	bool evict(use u);
	bool evict();

	buffer_pool& m_pool;
	disk_stats& m_stats;
	std::vector<std::unique_ptr<shard>> m_shards;
	std::atomic<unsigned> m_next_victim{0};
	std::atomic<int> m_unwritten{0};
	std::function<bool()> m_evict_spare;
};

} // namespace rawswarm
