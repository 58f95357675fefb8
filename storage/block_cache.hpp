// The blocks that are in memory, by piece: arriving from the swarm, being written, or kept to be served.
//
// A block changes its state, not its place:
//
//	empty --insert_dirty--> dirty --begin_write--> writing --end_write--> clean --(given up)--> empty
//	empty --insert_clean--------------------------------------------------> clean
//
// Blocks are found under a lock a shard; pieces are spread over the shards. No I/O and no callback
// happens under a lock. Thread-safe. Clean blocks are given up, least recently used piece first,
// when the pool has no free block left; a dirty or writing one never is.
#pragma once

#include "storage/buffer_pool.hpp"
#include "storage/units.hpp"

#include <libtorrent/error_code.hpp>
#include <libtorrent/units.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace rawswarm
{

using write_handler = std::function<void(lt::storage_error const&)>;

// storage: unique for the life of the backend, unlike libtorrent's storage_index_t.
struct piece_key
{
	std::uint32_t storage = 0;
	lt::piece_index_t piece{0};

	friend bool operator==(piece_key const&, piece_key const&) = default;
	friend bool operator<(piece_key const& a, piece_key const& b)
	{
		return a.storage != b.storage ? a.storage < b.storage : a.piece < b.piece;
	}
};

struct piece_key_hash
{
	std::size_t operator()(piece_key const& k) const
	{
		return (std::size_t(k.storage) << 32) ^ static_cast<std::size_t>(static_cast<int>(k.piece));
	}
};

// A block on its way to the device. The buffer stays valid until end_write.
struct pending_block
{
	piece_key key;
	block_index block;
	char* buffer = nullptr;
	int length = 0; // bytes
	write_handler handler;
	lt::storage_error error; // set by the writer
};

class block_cache
{
public:
	block_cache(buffer_pool& pool, int shards);
	~block_cache();
	block_cache(block_cache const&) = delete;
	block_cache& operator=(block_cache const&) = delete;

	// A block of the pool, given up by a clean one if need be; nullptr when nothing can be given up.
	char* take_buffer();

	struct inserted
	{
		int dirty = 0; // blocks that the piece has now
		write_handler replaced; // of a dirty block that was still waiting in the same place
	};

	// Takes the buffer over. Waits while an older block of the same place is being written (libtorrent
	// asks for no block that it has).
	inserted insert_dirty(piece_key key, block_index block, char* buffer, int length, write_handler handler);

	// Keeps a block that was read, as one more owner of it, unless there is one already.
	void insert_clean(piece_key key, block_index block, char* buffer, int length);

	// The block with one more owner, which the caller must drop, or nullptr.
	char* find(piece_key key, block_index block);
	void drop_owner(char* buffer) { m_pool.drop_owner(buffer); }

	// Moves the dirty blocks of a piece to writing, in order.
	void begin_write(piece_key key, std::vector<pending_block>& out);

	// The blocks are clean now, or empty where `error` is set.
	void end_write(std::span<pending_block const> blocks);

	// True if the block is dirty or being written.
	bool is_unwritten(piece_key key, block_index block) const;

	// Returns when no block of the piece is being written.
	void wait_written(piece_key key);

	// Forgets the clean blocks of a piece. Dirty and writing ones stay.
	void drop_clean(piece_key key);

	// Forgets the clean blocks of a whole storage.
	void drop_clean(std::uint32_t storage);

	// Pieces with dirty or writing blocks, least recently used first within a shard.
	std::vector<piece_key> dirty_pieces() const;
	std::vector<piece_key> dirty_pieces(std::uint32_t storage) const;

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
		write_handler handler;
	};

	struct cached_piece
	{
		std::vector<cached_block> blocks;
		int dirty = 0;
		int writing = 0;
		int clean = 0;
		std::list<piece_key>::iterator lru;
	};

	struct shard
	{
		mutable std::mutex mutex;
		std::condition_variable written;
		std::unordered_map<piece_key, cached_piece, piece_key_hash> pieces;
		std::list<piece_key> lru; // least recently used first
	};

	shard& shard_of(piece_key key) const;
	cached_piece& piece_at(shard& s, piece_key key, block_index b, std::unique_lock<std::mutex>& l);
	int give_up_clean(shard& s, cached_piece& p, std::unique_lock<std::mutex>& l);
	void erase_if_empty(shard& s, piece_key key, std::unique_lock<std::mutex>& l);
	bool evict_from(shard& s);

	buffer_pool& m_pool;
	std::vector<std::unique_ptr<shard>> m_shards;
	std::atomic<unsigned> m_next_victim{0};
	std::atomic<int> m_unwritten{0};
};

} // namespace rawswarm
