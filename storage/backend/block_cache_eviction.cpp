// SPDX-License-Identifier: BSD-3-Clause
// What block_cache gives up: to whom needs a buffer, and what nobody asks for any more.
#include "storage/backend/block_cache.hpp"

#include <cstddef>
#include <iterator>
#include <span>
#include <vector>

namespace rawswarm
{

namespace
{

// Pieces of one shard that are searched for a block to evict. More than one is needed only where all the
// clean blocks of a piece wait in the send buffers of peers.
constexpr int max_victims = 32;

} // namespace

char* block_cache::take_buffer()
{
	for (;;)
	{
		if (char* const b = m_pool.allocate())
		{
			return b;
		}
		if (!evict())
		{
			return nullptr;
		}
	}
}

char* block_cache::take_buffer_at_any_price()
{
	if (char* const b = take_buffer())
	{
		return b;
	}
	m_stats.blocks_beyond_budget.fetch_add(1, std::memory_order_relaxed);
	return m_pool.allocate_beyond_budget();
}

bool block_cache::evict()
{
	return evict(use::arrived) || (m_evict_spare && m_evict_spare()) || evict(use::expected)
		|| evict(use::arriving);
}

bool block_cache::evict(use const u)
{
	for (std::size_t i = 0; i < m_shards.size(); ++i)
	{
		if (evict_from(*m_shards[m_next_victim++ % m_shards.size()], u))
		{
			return true;
		}
	}
	return false;
}

// Evicts the clean blocks of one piece that nobody else uses. False if there is no such block.
bool block_cache::evict_from(shard& s, use const u)
{
	std::vector<char*> freed;
	mutex_lock l(s.guard);
	auto& list = lru_of(s, u);
	auto* const sums = &s.evicted; // as a lambda counts as holding no lock
	for (int i = 0; i < max_victims && !list.empty() && freed.empty(); ++i)
	{
		auto const it = s.pieces.find(list.front());
		auto const key = it->first;
		it->second.piece.forget_clean([&](char* const buffer, int const length, block_index const block) {
			bool const goes = m_pool.is_unshared(buffer);
			if (goes)
			{
				freed.push_back(buffer);
			}
			if (goes && u == use::arriving) // it will be read back
			{
				sums->add(key, block, std::span(buffer, static_cast<std::size_t>(length)));
			}
			return goes;
		});
		touch(s, key, it->second); // those that peers hold keep it in the list, at its end
		erase_if_empty(s, it);
		check_piece_after_change(s, key);
	}
	l.unlock();
	m_stats.pool_clean.fetch_sub(static_cast<int>(freed.size()), std::memory_order_relaxed);
	m_pool.unref(freed);
	return !freed.empty();
}

void block_cache::shrink_to(int const blocks)
{
	while (m_pool.in_use() > blocks && evict())
	{}
}

// Blocks that somebody still uses are forgotten as well: only the cache's own reference is dropped.
void block_cache::drop_clean(shard& s, piece_map::iterator const it)
{
	auto const forgotten = it->second.piece.forget_clean([this](char* const buffer, int, block_index) {
		m_pool.unref(buffer);
		return true;
	});
	m_stats.pool_clean.fetch_sub(forgotten, std::memory_order_relaxed);
	auto const key = it->first;
	touch(s, key, it->second);
	erase_if_empty(s, it);
	check_piece_after_change(s, key);
}

void block_cache::drop_clean(piece_key const key)
{
	auto& s = shard_of(key);
	mutex_lock const l(s.guard);
	s.evicted.forget(key);
	if (auto const it = s.pieces.find(key); it != s.pieces.end())
	{
		drop_clean(s, it);
	}
}

void block_cache::drop_clean(std::uint32_t const storage)
{
	for (auto const& pointer : m_shards)
	{
		auto& s = *pointer;
		mutex_lock const l(s.guard);
		s.evicted.forget(storage);
		for (auto it = s.pieces.begin(); it != s.pieces.end();)
		{
			auto const next = std::next(it);
			if (it->first.storage == storage)
			{
				drop_clean(s, it);
			}
			it = next;
		}
	}
}

} // namespace rawswarm
