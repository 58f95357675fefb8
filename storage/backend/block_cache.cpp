// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/block_cache.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

// Pieces that are looked at, in one shard, for a block that can be given up. More than one is needed only
// where all the clean blocks of a piece wait in the send buffers of peers.
constexpr int max_victims = 32;

} // namespace

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
		for (auto& [key, p] : s->pieces)
		{
			for (auto& b : p.blocks)
			{
				if (b.buffer)
				{
					m_pool.unref(b.buffer);
				}
			}
		}
	}
}

block_cache::shard& block_cache::shard_of(piece_key const key) const
{
	return *m_shards[(static_cast<std::size_t>(static_cast<int>(key.piece)) + key.storage) % m_shards.size()];
}

// nullptr if the place is empty.
block_cache::cached_block const* block_cache::find_block(
	shard const& s, piece_key const key, block_index const block, lock&)
{
	auto const it = s.pieces.find(key);
	auto const i = static_cast<std::size_t>(block.value);
	if (it == s.pieces.end() || i >= it->second.blocks.size() || !it->second.blocks[i].buffer)
	{
		return nullptr;
	}
	return &it->second.blocks[i];
}

// The piece's entry, made if missing, with room for the block.
block_cache::cached_piece& block_cache::piece_at(shard& s, piece_key const key, block_index const b, lock&)
{
	auto& p = s.pieces[key];
	auto const needed = static_cast<std::size_t>(b.value) + 1;
	if (p.blocks.size() < needed)
	{
		p.blocks.resize(needed);
	}
	return p;
}

// Puts the piece where it belongs among those with clean blocks, as the most recently used one.
void block_cache::touch(shard& s, piece_key const key, cached_piece& p, lock&)
{
	auto const list_of = [&s](use const u) -> auto&
	{
		return s.lru[static_cast<std::size_t>(u)];
	};
	if (p.clean == 0)
	{
		if (p.listed)
		{
			list_of(*p.listed).erase(p.lru);
			p.listed.reset();
		}
		return;
	}
	auto& list = list_of(p.used_as);
	if (p.listed)
	{
		list.splice(list.end(), list_of(*p.listed), p.lru);
	}
	else
	{
		p.lru = list.insert(list.end(), key);
	}
	p.listed = p.used_as;
}

void block_cache::erase_if_empty(shard& s, piece_map::iterator const it, lock& l)
{
	auto& p = it->second;
	if (p.dirty + p.writing + p.clean == 0)
	{
		touch(s, it->first, p, l);
		s.pieces.erase(it);
	}
}

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

bool block_cache::evict()
{
	for (auto const u : {use::arrived, use::arriving})
	{
		for (std::size_t i = 0; i < m_shards.size(); ++i)
		{
			if (evict_from(*m_shards[m_next_victim++ % m_shards.size()], u))
			{
				return true;
			}
		}
	}
	return false;
}

// Frees the clean blocks of one piece that nobody else holds. False if there is no such block.
bool block_cache::evict_from(shard& s, use const u)
{
	std::vector<char*> freed;
	lock l(s.mutex);
	auto& list = s.lru[static_cast<std::size_t>(u)];
	for (int i = 0; i < max_victims && !list.empty() && freed.empty(); ++i)
	{
		auto const it = s.pieces.find(list.front());
		auto& p = it->second;
		for (auto& b : p.blocks)
		{
			if (b.st == state::clean && m_pool.is_unshared(b.buffer))
			{
				freed.push_back(b.buffer);
				b = cached_block();
			}
		}
		p.clean -= static_cast<int>(freed.size());
		touch(s, it->first, p, l); // what is left of it is looked at last
		erase_if_empty(s, it, l);
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

int block_cache::insert_dirty(piece_key const key, block_index const block, char* const buffer,
	int const length, write_handler handler, steady_time const now)
{
	auto& s = shard_of(key);
	char* replaced = nullptr;
	lock l(s.mutex);
	auto& p = piece_at(s, key, block, l);
	auto& b = p.blocks[static_cast<std::size_t>(block.value)];
	BOOST_ASSERT(b.st == state::empty || b.st == state::clean);
	p.used_as = use::arriving;
	if (b.st == state::clean)
	{
		replaced = b.buffer;
		--p.clean;
		touch(s, key, p, l);
	}
	b = {buffer, length, state::dirty, now, std::move(handler)};
	p.first_dirty = p.dirty == 0 ? block.value : std::min(p.first_dirty, block.value);
	p.end_dirty = p.dirty == 0 ? block.value + 1 : std::max(p.end_dirty, block.value + 1);
	int const dirty = ++p.dirty;
	// under the lock, or a writer could count the block as written first
	m_unwritten.fetch_add(1, std::memory_order_relaxed);
	m_stats.pool_dirty.fetch_add(1, std::memory_order_relaxed);
	l.unlock();

	if (replaced)
	{
		m_stats.pool_clean.fetch_sub(1, std::memory_order_relaxed);
		m_pool.unref(replaced);
	}
	return dirty;
}

void block_cache::insert_clean(
	piece_key const key, block_index const block, char* const buffer, int const length)
{
	auto& s = shard_of(key);
	lock l(s.mutex);
	auto& p = piece_at(s, key, block, l);
	auto& b = p.blocks[static_cast<std::size_t>(block.value)];
	if (b.st == state::empty)
	{
		m_pool.ref(buffer);
		b = {buffer, length, state::clean, {}, {}};
		++p.clean;
		touch(s, key, p, l);
		m_stats.pool_clean.fetch_add(1, std::memory_order_relaxed);
	}
}

char* block_cache::find(piece_key const key, block_index const block)
{
	auto& s = shard_of(key);
	lock l(s.mutex);
	auto const it = s.pieces.find(key);
	auto const i = static_cast<std::size_t>(block.value);
	if (it == s.pieces.end() || i >= it->second.blocks.size() || !it->second.blocks[i].buffer)
	{
		return nullptr;
	}
	touch(s, key, it->second, l);
	auto* const buffer = it->second.blocks[i].buffer;
	m_pool.ref(buffer);
	return buffer;
}

bool block_cache::contains(piece_key const key, block_index const block) const
{
	auto const& s = shard_of(key);
	lock l(s.mutex);
	return find_block(s, key, block, l) != nullptr;
}

void block_cache::piece_arrived(piece_key const key)
{
	auto& s = shard_of(key);
	lock l(s.mutex);
	if (auto const it = s.pieces.find(key); it != s.pieces.end())
	{
		it->second.used_as = use::arrived;
		touch(s, key, it->second, l);
	}
}

void block_cache::begin_write(piece_key const key, std::vector<pending_block>& out)
{
	auto& s = shard_of(key);
	lock const l(s.mutex);
	auto const it = s.pieces.find(key);
	if (it == s.pieces.end() || it->second.dirty == 0)
	{
		return;
	}
	auto& p = it->second;
	for (int i = p.first_dirty; i < p.end_dirty; ++i)
	{
		auto& b = p.blocks[static_cast<std::size_t>(i)];
		if (b.st == state::dirty)
		{
			b.st = state::writing;
			out.push_back({key, {i}, b.buffer, b.length, b.arrived, std::move(b.handler), {}});
			b.handler = nullptr;
		}
	}
	m_stats.pool_dirty.fetch_sub(p.dirty, std::memory_order_relaxed);
	m_stats.pool_writing.fetch_add(p.dirty, std::memory_order_relaxed);
	p.writing += p.dirty;
	p.dirty = 0;
}

void block_cache::end_write(std::span<pending_block const> blocks)
{
	std::vector<char*> lost;
	while (!blocks.empty())
	{
		auto const key = blocks.front().key;
		auto const end = std::ranges::find_if(blocks, [key](auto const& b) { return b.key != key; });
		auto const part = blocks.first(static_cast<std::size_t>(end - blocks.begin()));
		blocks = blocks.subspan(part.size());
		auto const count = static_cast<int>(part.size());

		auto& s = shard_of(key);
		lock l(s.mutex);
		auto const it = s.pieces.find(key);
		auto& p = it->second;
		int clean = 0;
		for (auto const& w : part)
		{
			auto& b = p.blocks[static_cast<std::size_t>(w.block.value)];
			if (w.error)
			{
				lost.push_back(b.buffer);
				b = cached_block();
			}
			else
			{
				b.st = state::clean;
				++clean;
			}
		}
		p.writing -= count;
		p.clean += clean;
		m_unwritten.fetch_sub(count, std::memory_order_relaxed);
		m_stats.pool_writing.fetch_sub(count, std::memory_order_relaxed);
		m_stats.pool_clean.fetch_add(clean, std::memory_order_relaxed);
		touch(s, key, p, l);
		erase_if_empty(s, it, l);
	}
	m_pool.unref(lost);
}

int block_cache::dirty_in(piece_key const key) const
{
	auto const& s = shard_of(key);
	lock const l(s.mutex);
	auto const it = s.pieces.find(key);
	return it == s.pieces.end() ? 0 : it->second.dirty;
}

bool block_cache::is_unwritten(piece_key const key, block_index const block) const
{
	auto const& s = shard_of(key);
	lock l(s.mutex);
	auto const* const b = find_block(s, key, block, l);
	return b && (b->st == state::dirty || b->st == state::writing);
}

// Also those that someone still reads: the owner that is dropped here is the cache alone.
void block_cache::drop_clean(shard& s, piece_map::iterator const it, lock& l)
{
	auto& p = it->second;
	for (auto& b : p.blocks)
	{
		if (b.st == state::clean)
		{
			m_pool.unref(b.buffer);
			b = cached_block();
		}
	}
	m_stats.pool_clean.fetch_sub(p.clean, std::memory_order_relaxed);
	p.clean = 0;
	touch(s, it->first, p, l);
	erase_if_empty(s, it, l);
}

void block_cache::drop_clean(piece_key const key)
{
	auto& s = shard_of(key);
	lock l(s.mutex);
	if (auto const it = s.pieces.find(key); it != s.pieces.end())
	{
		drop_clean(s, it, l);
	}
}

void block_cache::drop_clean(std::uint32_t const storage)
{
	for (auto const& s : m_shards)
	{
		lock l(s->mutex);
		for (auto it = s->pieces.begin(); it != s->pieces.end();)
		{
			auto const next = std::next(it);
			if (it->first.storage == storage)
			{
				drop_clean(*s, it, l);
			}
			it = next;
		}
	}
}

} // namespace rawswarm
