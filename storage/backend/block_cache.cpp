// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/block_cache.hpp"

#include "base/invariants.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

// Pieces of one shard that are searched for a block to evict. More than one is needed only where all the
// clean blocks of a piece wait in the send buffers of peers.
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

// nullptr if the cache does not have the block.
block_cache::cached_block const* block_cache::find_block(
	shard const& s, piece_key const key, block_index const block)
{
	auto const it = s.pieces.find(key);
	auto const i = static_cast<std::size_t>(block.value);
	if (it == s.pieces.end() || i >= it->second.blocks.size() || it->second.blocks[i].buffer == nullptr)
	{
		return nullptr;
	}
	return &it->second.blocks[i];
}

// The piece's entry, made if missing, large enough for the block.
block_cache::cached_piece& block_cache::piece_at(shard& s, piece_key const key, block_index const b)
{
	auto& p = s.pieces[key];
	auto const needed = static_cast<std::size_t>(b.value) + 1;
	if (p.blocks.size() < needed)
	{
		p.blocks.resize(needed);
	}
	return p;
}

std::list<piece_key>& block_cache::lru_of(shard& s, use const u)
{
	return s.lru[static_cast<std::size_t>(u)];
}

// Moves the piece, if it has clean blocks, to the end of the list that its use says: it was used last.
void block_cache::touch(shard& s, piece_key const key, cached_piece& p)
{
	if (p.clean == 0)
	{
		if (p.listed)
		{
			lru_of(s, *p.listed).erase(p.lru);
			p.listed.reset();
		}
		return;
	}
	auto& list = lru_of(s, p.used_as);
	if (p.listed)
	{
		list.splice(list.end(), lru_of(s, *p.listed), p.lru);
	}
	else
	{
		p.lru = list.insert(list.end(), key);
	}
	p.listed = p.used_as;
}

void block_cache::erase_if_empty(shard& s, piece_map::iterator const it)
{
	auto& p = it->second;
	if (p.dirty + p.writing + p.clean == 0)
	{
		touch(s, it->first, p);
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
	return evict(use::arrived) || (m_evict_spare && m_evict_spare()) || evict(use::arriving);
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
		auto const key = it->first;
		touch(s, key, p); // those that peers hold keep it in the list, at its end
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

namespace
{

// Calls both, in the order in which the blocks came.
write_handler both(write_handler first, write_handler second)
{
	if (!first || !second)
	{
		return first ? std::move(first) : std::move(second);
	}
	return [a = std::move(first), b = std::move(second)](lt::storage_error const& e) {
		a(e);
		b(e);
	};
}

} // namespace

block_cache::inserted block_cache::insert_dirty(piece_key const key, block_index const block,
	char* const buffer, int const length, write_handler handler, steady_time const now)
{
	auto& s = shard_of(key);
	char* replaced = nullptr;
	bool was_clean = false;
	bool is_more = true;
	mutex_lock l(s.guard);
	auto& p = piece_at(s, key, block);
	auto& b = p.blocks[static_cast<std::size_t>(block.value)];
	p.used_as = use::arriving;
	switch (b.st)
	{
	case state::clean:
		was_clean = true;
		--p.clean;
		replaced = b.buffer;
		touch(s, key, p);
		break;
	case state::dirty:
		is_more = false;
		replaced = b.buffer;
		handler = both(std::move(b.handler), std::move(handler));
		break;
	case state::writing:
		// the buffer of the write belongs to the writer from here on
		is_more = !b.came_again;
		replaced = b.came_again ? b.buffer : nullptr;
		handler = both(std::move(b.handler), std::move(handler));
		b.came_again = true;
		break;
	case state::empty: break;
	}
	b.buffer = buffer;
	b.length = length;
	b.arrived = now;
	b.handler = std::move(handler);
	if (b.st == state::empty || b.st == state::clean)
	{
		b.st = state::dirty;
		add_dirty(p, block);
		m_stats.pool_dirty.fetch_add(1, std::memory_order_relaxed);
	}
	if (is_more)
	{
		// under the lock, or a writer could count the block as written first
		m_unwritten.fetch_add(1, std::memory_order_relaxed);
	}
	inserted const ret{p.dirty, is_more};
	check_piece_after_change(s, key);
	l.unlock();

	if (replaced)
	{
		m_stats.pool_clean.fetch_sub(was_clean ? 1 : 0, std::memory_order_relaxed);
		m_pool.unref(replaced);
	}
	return ret;
}

void block_cache::add_dirty(cached_piece& p, block_index const b)
{
	p.first_dirty = p.dirty == 0 ? b.value : std::min(p.first_dirty, b.value);
	p.end_dirty = p.dirty == 0 ? b.value + 1 : std::max(p.end_dirty, b.value + 1);
	++p.dirty;
}

void block_cache::insert_clean(
	piece_key const key, block_index const block, char* const buffer, int const length)
{
	auto& s = shard_of(key);
	mutex_lock const l(s.guard);
	auto& p = piece_at(s, key, block);
	auto& b = p.blocks[static_cast<std::size_t>(block.value)];
	if (b.st == state::empty)
	{
		m_pool.ref(buffer);
		b = {buffer, length, state::clean, false, {}, {}};
		++p.clean;
		touch(s, key, p);
		m_stats.pool_clean.fetch_add(1, std::memory_order_relaxed);
	}
	check_piece_after_change(s, key);
}

char* block_cache::find(piece_key const key, block_index const block)
{
	auto& s = shard_of(key);
	mutex_lock const l(s.guard);
	auto const it = s.pieces.find(key);
	auto const i = static_cast<std::size_t>(block.value);
	if (it == s.pieces.end() || i >= it->second.blocks.size() || it->second.blocks[i].buffer == nullptr)
	{
		return nullptr;
	}
	touch(s, key, it->second);
	auto* const buffer = it->second.blocks[i].buffer;
	m_pool.ref(buffer);
	return buffer;
}

bool block_cache::contains(piece_key const key, block_index const block) const
{
	auto const& s = shard_of(key);
	mutex_lock const l(s.guard);
	return find_block(s, key, block) != nullptr;
}

void block_cache::piece_arrived(piece_key const key)
{
	auto& s = shard_of(key);
	mutex_lock const l(s.guard);
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
		auto& p = it->second;
		int clean = 0;
		for (auto const& w : part)
		{
			auto& b = p.blocks[static_cast<std::size_t>(w.block.value)];
			if (b.came_again)
			{
				// both copies counted as unwritten
				lost.push_back(const_cast<char*>(w.buffer)); // of the pool, which is not const
				b.came_again = false;
				b.st = state::dirty;
				add_dirty(p, w.block);
				came_again.push_back({key.piece, w.block});
				m_stats.pool_dirty.fetch_add(1, std::memory_order_relaxed);
			}
			else if (w.error)
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
		touch(s, key, p);
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
	auto const it = s.pieces.find(key);
	return it == s.pieces.end() ? 0 : it->second.dirty;
}

bool block_cache::is_unwritten(piece_key const key, block_index const block) const
{
	auto const& s = shard_of(key);
	mutex_lock const l(s.guard);
	auto const* const b = find_block(s, key, block);
	return b != nullptr && (b->st == state::dirty || b->st == state::writing);
}

// Blocks that somebody still uses are forgotten as well: only the cache's own reference is dropped.
void block_cache::drop_clean(shard& s, piece_map::iterator const it)
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
	auto const key = it->first;
	touch(s, key, p);
	erase_if_empty(s, it);
	check_piece_after_change(s, key);
}

void block_cache::drop_clean(piece_key const key)
{
	auto& s = shard_of(key);
	mutex_lock const l(s.guard);
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

// Nothing if the piece is not there.
void block_cache::check_piece(shard const& s, piece_key const key)
{
	auto const it = s.pieces.find(key);
	if (it == s.pieces.end())
	{
		return;
	}
	auto const& p = it->second;
	int dirty = 0;
	int writing = 0;
	int clean = 0;
	for (std::size_t i = 0; i < p.blocks.size(); ++i)
	{
		auto const& b = p.blocks[i];
		BOOST_ASSERT((b.st == state::empty) == (b.buffer == nullptr));
		BOOST_ASSERT(b.st == state::dirty || b.came_again || !b.handler);
		BOOST_ASSERT(b.st == state::writing || !b.came_again);
		BOOST_ASSERT(b.st != state::dirty || (int(i) >= p.first_dirty && int(i) < p.end_dirty));
		dirty += int(b.st == state::dirty);
		writing += int(b.st == state::writing);
		clean += int(b.st == state::clean);
	}
	BOOST_ASSERT(dirty == p.dirty && writing == p.writing && clean == p.clean);
	BOOST_ASSERT(dirty + writing + clean > 0); // an empty piece is erased
	BOOST_ASSERT(p.listed.has_value() == (clean > 0));
	BOOST_ASSERT(!p.listed || *p.lru == key);
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
		for (auto const& [key, p] : s.pieces)
		{
			check_piece(s, key);
			unwritten += p.dirty + p.writing;
			unwritten += static_cast<int>(
				std::ranges::count_if(p.blocks, [](cached_block const& b) { return b.came_again; }));
			with_clean += std::size_t(p.listed.has_value());
		}
		BOOST_ASSERT(s.lru[0].size() + s.lru[1].size() == with_clean);
	}
	BOOST_ASSERT(unwritten == m_unwritten);
}

} // namespace rawswarm
