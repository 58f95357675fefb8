// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/block_cache.hpp"

#include "base/invariants.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <utility>

namespace rawswarm
{

block_cache::block_cache(buffer_pool& pool, int const shards, disk_stats& stats)
	: m_pool(pool)
	, m_stats(stats)
{
	for (int i = 0; i < shards; ++i)
	{
		m_shards.push_back(std::make_unique<shard>());
	}
}

block_cache::~block_cache()
{
	for (auto const& s : m_shards)
	{
		for (auto const& [key, e] : s->pieces)
		{
			m_pool.unref(e.piece.buffers());
		}
	}
}

block_cache::shard& block_cache::shard_of(piece_key const key) const
{
	return *m_shards[(static_cast<std::size_t>(static_cast<int>(key.piece)) + key.storage) % m_shards.size()];
}

// nullptr if the cache has no block of the piece.
cached_piece const* block_cache::find_piece(shard const& s, piece_key const key)
{
	auto const it = s.pieces.find(key);
	return it == s.pieces.end() ? nullptr : &it->second.piece;
}

std::list<piece_key>& block_cache::lru_of(shard& s, use const u)
{
	return s.lru[static_cast<std::size_t>(u)];
}

// Moves the piece, if it has clean blocks, to the end of the list that its use says: it was used last.
void block_cache::touch(shard& s, piece_key const key, entry& e)
{
	if (!e.piece.has_clean())
	{
		if (e.listed)
		{
			lru_of(s, *e.listed).erase(e.lru);
			e.listed.reset();
		}
		return;
	}
	auto& list = lru_of(s, e.used_as);
	if (e.listed)
	{
		list.splice(list.end(), lru_of(s, *e.listed), e.lru);
	}
	else
	{
		e.lru = list.insert(list.end(), key);
	}
	e.listed = e.used_as;
}

void block_cache::erase_if_empty(shard& s, piece_map::iterator const it)
{
	if (it->second.piece.is_empty())
	{
		touch(s, it->first, it->second);
		s.pieces.erase(it);
	}
}

block_cache::inserted block_cache::insert_dirty(piece_key const key, block_index const block,
	char* const buffer, int const length, write_handler handler, steady_time const now)
{
	auto& s = shard_of(key);
	mutex_lock l(s.guard);
	auto& e = s.pieces[key];
	e.used_as = use::arriving;
	s.evicted.forget(key, block);
	auto const done = e.piece.insert_dirty(block, buffer, length, std::move(handler), now);
	if (done.was_clean)
	{
		touch(s, key, e);
	}
	if (done.became_dirty)
	{
		m_stats.pool_dirty.fetch_add(1, std::memory_order_relaxed);
	}
	if (done.is_more)
	{
		// under the lock, or a writer could count the block as written first
		m_unwritten.fetch_add(1, std::memory_order_relaxed);
	}
	inserted const ret{e.piece.dirty(), done.is_more};
	check_piece_after_change(s, key);
	l.unlock();

	if (done.replaced)
	{
		m_stats.pool_clean.fetch_sub(done.was_clean ? 1 : 0, std::memory_order_relaxed);
		m_pool.unref(done.replaced);
	}
	return ret;
}

void block_cache::insert_clean(
	piece_key const key, block_index const block, char* const buffer, int const length)
{
	insert_clean(key, block, buffer, length, use::arrived);
}

void block_cache::insert_clean(
	piece_key const key, block_index const block, char* const buffer, int const length, use const read_as)
{
	auto& s = shard_of(key);
	mutex_lock const l(s.guard);
	auto& e = s.pieces[key];
	if (e.piece.insert_clean(block, buffer, length))
	{
		e.used_as = std::max(e.used_as, read_as);
		m_pool.ref(buffer);
		touch(s, key, e);
		m_stats.pool_clean.fetch_add(1, std::memory_order_relaxed);
	}
	check_piece_after_change(s, key);
}

void block_cache::insert_expected(
	piece_key const key, block_index const block, char* const buffer, int const length)
{
	insert_clean(key, block, buffer, length, use::expected);
}

void block_cache::piece_sent(piece_key const key)
{
	auto& s = shard_of(key);
	mutex_lock const l(s.guard);
	if (auto const it = s.pieces.find(key); it != s.pieces.end() && it->second.used_as == use::expected)
	{
		it->second.used_as = use::arrived;
		touch(s, key, it->second);
	}
}

char* block_cache::find(piece_key const key, block_index const block)
{
	auto& s = shard_of(key);
	mutex_lock const l(s.guard);
	auto const it = s.pieces.find(key);
	auto* const buffer = it == s.pieces.end() ? nullptr : it->second.piece.buffer_of(block);
	if (buffer != nullptr)
	{
		touch(s, key, it->second);
		m_pool.ref(buffer);
	}
	return buffer;
}

bool block_cache::contains(piece_key const key, block_index const block) const
{
	auto const& s = shard_of(key);
	mutex_lock const l(s.guard);
	auto const* const p = find_piece(s, key);
	return p != nullptr && p->buffer_of(block) != nullptr;
}

bool block_cache::held_something_else(
	piece_key const key, block_index const block, std::span<char const> const bytes) const
{
	std::optional<evicted_sums::sum> sum;
	{
		auto const& s = shard_of(key);
		mutex_lock const l(s.guard);
		sum = s.evicted.find(key, block);
	}
	return sum && sum->differs_from(bytes);
}

void block_cache::piece_arrived(piece_key const key)
{
	auto& s = shard_of(key);
	mutex_lock const l(s.guard);
	s.evicted.forget(key);
	if (auto const it = s.pieces.find(key); it != s.pieces.end())
	{
		it->second.used_as = use::arrived;
		touch(s, key, it->second);
	}
}

void block_cache::begin_write(piece_key const key, std::vector<pending_block>& out)
{
	auto& s = shard_of(key);
	mutex_lock const l(s.guard);
	auto const it = s.pieces.find(key);
	if (it == s.pieces.end())
	{
		return;
	}
	auto const count = it->second.piece.begin_write(key, out);
	m_stats.pool_dirty.fetch_sub(count, std::memory_order_relaxed);
	m_stats.pool_writing.fetch_add(count, std::memory_order_relaxed);
	check_piece_after_change(s, key);
}

std::vector<block_ref> block_cache::end_write(std::span<pending_block const> blocks)
{
	std::vector<char*> lost;
	std::vector<block_ref> came_again;
	while (!blocks.empty())
	{
		auto const key = blocks.front().key;
		auto const end = std::ranges::find_if(blocks, [key](auto const& b) { return b.key != key; });
		auto const part = blocks.first(static_cast<std::size_t>(end - blocks.begin()));
		blocks = blocks.subspan(part.size());
		auto const count = static_cast<int>(part.size());

		auto& s = shard_of(key);
		mutex_lock const l(s.guard);
		auto const it = s.pieces.find(key);
		auto const again_before = came_again.size();
		int const clean = it->second.piece.end_write(part, lost, came_again);
		auto const again = static_cast<int>(came_again.size() - again_before);
		m_unwritten.fetch_sub(count, std::memory_order_relaxed);
		m_stats.pool_dirty.fetch_add(again, std::memory_order_relaxed);
		m_stats.pool_writing.fetch_sub(count, std::memory_order_relaxed);
		m_stats.pool_clean.fetch_add(clean, std::memory_order_relaxed);
		touch(s, key, it->second);
		erase_if_empty(s, it);
		check_piece_after_change(s, key);
	}
	m_pool.unref(lost);
	return came_again;
}

int block_cache::dirty_in(piece_key const key) const
{
	auto const& s = shard_of(key);
	mutex_lock const l(s.guard);
	auto const* const p = find_piece(s, key);
	return p == nullptr ? 0 : p->dirty();
}

bool block_cache::is_unwritten(piece_key const key, block_index const block) const
{
	auto const& s = shard_of(key);
	mutex_lock const l(s.guard);
	auto const* const p = find_piece(s, key);
	return p != nullptr && p->is_unwritten(block);
}

// Nothing if the piece is not there.
void block_cache::check_piece(shard const& s, piece_key const key)
{
	auto const it = s.pieces.find(key);
	if (it == s.pieces.end())
	{
		return;
	}
	auto const& e = it->second;
	e.piece.check_invariants();
	BOOST_ASSERT(!e.piece.is_empty()); // or it is erased
	BOOST_ASSERT(e.listed.has_value() == e.piece.has_clean());
	BOOST_ASSERT(!e.listed || *e.lru == key);
}

void block_cache::check_piece_after_change(shard const& s, piece_key const key)
{
	if constexpr (checks_invariants)
	{
		check_piece(s, key);
	}
}

void block_cache::check_invariants() const
{
	int unwritten = 0;
	for (auto const& pointer : m_shards)
	{
		auto const& s = *pointer;
		mutex_lock const l(s.guard);
		std::size_t with_clean = 0;
		for (auto const& [key, e] : s.pieces)
		{
			check_piece(s, key);
			unwritten += e.piece.count_unwritten();
			with_clean += std::size_t(e.listed.has_value());
		}
		BOOST_ASSERT(s.lru[0].size() + s.lru[1].size() + s.lru[2].size() == with_clean);
	}
	BOOST_ASSERT(unwritten == m_unwritten);
}

} // namespace rawswarm
