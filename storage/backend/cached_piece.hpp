// SPDX-License-Identifier: BSD-3-Clause
// The blocks of one piece that are in memory, and the state of each (block_cache.hpp has the picture).
//
// Pure: knows neither locks nor the pool. Buffers are the cache's, which drops its reference to those that it
// is given back. No operation on one block takes longer the more blocks the piece has.
#pragma once

#include "storage/backend/pending_block.hpp"
#include "storage/backend/piece_key.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace rawswarm
{

class cached_piece
{
public:
	struct insertion
	{
		char* replaced = nullptr; // given back
		bool was_clean = false; // what was replaced
		bool became_dirty = true; // the block; false: it was before, or will be once its write has ended
		bool is_more = true; // one more block is unwritten; false: it took the place of one that was
	};

	insertion insert_dirty(
		block_index block, char* buffer, int length, write_handler handler, steady_time now);

	// Returns false and changes nothing if the piece has the block already.
	bool insert_clean(block_index block, char* buffer, int length);

	// Moves the dirty blocks to writing, in order. Returns how many.
	int begin_write(piece_key key, std::vector<pending_block>& out);

	// The blocks are clean now, or empty where `error` is set, or dirty if they came again. `lost` gets the
	// buffers that are given back. Returns how many are clean.
	int end_write(
		std::span<pending_block const> blocks, std::vector<char*>& lost, std::vector<block_ref>& came_again);

	// Forgets those clean blocks whose buffers, lengths and numbers `goes` is called with and returns true
	// for. Returns how many.
	template <class F>
	int forget_clean(F const goes)
	{
		int forgotten = 0;
		for (int i = 0; auto& b : m_blocks)
		{
			block_index const number{i++};
			if (b.st == state::clean && goes(b.buffer, b.length, number))
			{
				b = cached_block();
				++forgotten;
			}
		}
		m_clean -= forgotten;
		return forgotten;
	}

	// nullptr: the piece does not have the block.
	char* buffer_of(block_index block) const;

	// True if the block is dirty or being written.
	bool is_unwritten(block_index block) const;

	int dirty() const { return m_dirty; }
	bool has_clean() const { return m_clean > 0; }
	bool is_empty() const { return m_dirty + m_writing + m_clean == 0; }

	// All buffers that it has.
	std::vector<char*> buffers() const;

	// Blocks that are dirty or being written, those twice that came again. Counted, for check_invariants() of
	// the cache.
	int count_unwritten() const;

	// Ends the program if the counts disagree with the blocks.
	void check_invariants() const;

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
		bool came_again = false; // while it was being written: buffer and handler are the newer ones
		steady_time arrived;
		write_handler handler;
	};

	cached_block& block_at(block_index b);
	cached_block const* find(block_index b) const;
	void add_dirty(block_index b);

	std::vector<cached_block> m_blocks;
	int m_dirty = 0;
	int m_writing = 0;
	int m_clean = 0;
	int m_first_dirty = 0; // all dirty ones lie from here...
	int m_end_dirty = 0; // ...to before here
};

} // namespace rawswarm
