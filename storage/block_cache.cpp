#include "storage/block_cache.hpp"

#include <utility>

namespace rawswarm
{

block_cache::block_cache(buffer_pool& pool, int const shards)
	: m_pool(pool)
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
					m_pool.drop_owner(b.buffer);
				}
			}
		}
	}
}

block_cache::shard& block_cache::shard_of(piece_key const key) const
{
	return *m_shards[(static_cast<std::size_t>(static_cast<int>(key.piece)) + key.storage) % m_shards.size()];
}

// The piece's entry, made if missing, with room for the block, and marked as just used.
block_cache::cached_piece& block_cache::piece_at(
	shard& s, piece_key const key, block_index const b, std::unique_lock<std::mutex>&)
{
	auto [it, is_new] = s.pieces.try_emplace(key);
	auto& p = it->second;
	if (is_new)
	{
		p.lru = s.lru.insert(s.lru.end(), key);
	}
	else
	{
		s.lru.splice(s.lru.end(), s.lru, p.lru);
	}
	auto const needed = static_cast<std::size_t>(b.value) + 1;
	if (p.blocks.size() < needed)
	{
		p.blocks.resize(needed);
	}
	return p;
}

// Frees the clean blocks that nobody else holds. Returns how many.
int block_cache::give_up_clean(shard&, cached_piece& p, std::unique_lock<std::mutex>&)
{
	int freed = 0;
	for (auto& b : p.blocks)
	{
		if (b.st == state::clean && m_pool.is_sole_owner(b.buffer))
		{
			m_pool.drop_owner(b.buffer);
			b = cached_block();
			--p.clean;
			++freed;
		}
	}
	return freed;
}

void block_cache::erase_if_empty(shard& s, piece_key const key, std::unique_lock<std::mutex>&)
{
	auto const it = s.pieces.find(key);
	if (it != s.pieces.end() && it->second.dirty + it->second.writing + it->second.clean == 0)
	{
		s.lru.erase(it->second.lru);
		s.pieces.erase(it);
	}
}

bool block_cache::evict_from(shard& s)
{
	std::unique_lock<std::mutex> l(s.mutex);
	for (auto const& key : s.lru)
	{
		auto& p = s.pieces.at(key);
		if (p.clean > 0 && give_up_clean(s, p, l) > 0)
		{
			erase_if_empty(s, piece_key(key), l);
			return true;
		}
	}
	return false;
}

char* block_cache::take_buffer()
{
	for (;;)
	{
		if (char* const b = m_pool.allocate())
		{
			return b;
		}
		bool found = false;
		for (std::size_t i = 0; i < m_shards.size() && !found; ++i)
		{
			found = evict_from(*m_shards[m_next_victim++ % m_shards.size()]);
		}
		if (!found)
		{
			return nullptr;
		}
	}
}

block_cache::inserted block_cache::insert_dirty(
	piece_key const key, block_index const block, char* const buffer, int const length, write_handler handler)
{
	auto& s = shard_of(key);
	auto const i = static_cast<std::size_t>(block.value);
	inserted ret;
	std::unique_lock<std::mutex> l(s.mutex);
	s.written.wait(l, [&] { return piece_at(s, key, block, l).blocks[i].st != state::writing; });
	auto& p = piece_at(s, key, block, l);
	auto& b = p.blocks[i];
	if (b.st == state::clean)
	{
		m_pool.drop_owner(b.buffer);
		--p.clean;
	}
	else if (b.st == state::dirty)
	{
		m_pool.drop_owner(b.buffer);
		--p.dirty;
		--m_unwritten;
		ret.replaced = std::move(b.handler);
	}
	b.buffer = buffer;
	b.length = length;
	b.st = state::dirty;
	b.handler = std::move(handler);
	++m_unwritten;
	ret.dirty = ++p.dirty;
	return ret;
}

void block_cache::insert_clean(
	piece_key const key, block_index const block, char* const buffer, int const length)
{
	auto& s = shard_of(key);
	std::unique_lock<std::mutex> l(s.mutex);
	auto& p = piece_at(s, key, block, l);
	auto& b = p.blocks[static_cast<std::size_t>(block.value)];
	if (b.st == state::empty)
	{
		m_pool.add_owner(buffer);
		b.buffer = buffer;
		b.length = length;
		b.st = state::clean;
		++p.clean;
	}
}

char* block_cache::find(piece_key const key, block_index const block)
{
	auto& s = shard_of(key);
	std::unique_lock<std::mutex> const l(s.mutex);
	auto const it = s.pieces.find(key);
	auto const i = static_cast<std::size_t>(block.value);
	if (it == s.pieces.end() || i >= it->second.blocks.size() || !it->second.blocks[i].buffer)
	{
		return nullptr;
	}
	s.lru.splice(s.lru.end(), s.lru, it->second.lru);
	auto* const buffer = it->second.blocks[i].buffer;
	m_pool.add_owner(buffer);
	return buffer;
}

void block_cache::begin_write(piece_key const key, std::vector<pending_block>& out)
{
	auto& s = shard_of(key);
	std::unique_lock<std::mutex> const l(s.mutex);
	auto const it = s.pieces.find(key);
	if (it == s.pieces.end() || it->second.dirty == 0)
	{
		return;
	}
	auto& p = it->second;
	for (std::size_t i = 0; i < p.blocks.size(); ++i)
	{
		auto& b = p.blocks[i];
		if (b.st == state::dirty)
		{
			b.st = state::writing;
			out.push_back({key, {static_cast<int>(i)}, b.buffer, b.length, std::move(b.handler), {}});
			b.handler = nullptr;
		}
	}
	p.writing += p.dirty;
	p.dirty = 0;
}

void block_cache::end_write(std::span<pending_block const> const blocks)
{
	for (auto const& w : blocks)
	{
		auto& s = shard_of(w.key);
		std::unique_lock<std::mutex> l(s.mutex);
		auto& p = s.pieces.at(w.key);
		auto& b = p.blocks[static_cast<std::size_t>(w.block.value)];
		--p.writing;
		--m_unwritten;
		if (w.error)
		{
			m_pool.drop_owner(b.buffer);
			b = cached_block();
			erase_if_empty(s, w.key, l);
		}
		else
		{
			b.st = state::clean;
			++p.clean;
		}
		s.written.notify_all();
	}
}

bool block_cache::is_unwritten(piece_key const key, block_index const block) const
{
	auto const& s = shard_of(key);
	std::unique_lock<std::mutex> const l(s.mutex);
	auto const it = s.pieces.find(key);
	auto const i = static_cast<std::size_t>(block.value);
	if (it == s.pieces.end() || i >= it->second.blocks.size())
	{
		return false;
	}
	auto const st = it->second.blocks[i].st;
	return st == state::dirty || st == state::writing;
}

void block_cache::wait_written(piece_key const key)
{
	auto& s = shard_of(key);
	std::unique_lock<std::mutex> l(s.mutex);
	s.written.wait(l, [&] {
		auto const it = s.pieces.find(key);
		return it == s.pieces.end() || it->second.writing == 0;
	});
}

void block_cache::drop_clean(piece_key const key)
{
	auto& s = shard_of(key);
	std::unique_lock<std::mutex> l(s.mutex);
	auto const it = s.pieces.find(key);
	if (it == s.pieces.end())
	{
		return;
	}
	// also those that someone still reads: the owner that is dropped here is the cache alone
	for (auto& b : it->second.blocks)
	{
		if (b.st == state::clean)
		{
			m_pool.drop_owner(b.buffer);
			b = cached_block();
			--it->second.clean;
		}
	}
	erase_if_empty(s, key, l);
}

void block_cache::drop_clean(std::uint32_t const storage)
{
	std::vector<piece_key> keys;
	for (auto const& s : m_shards)
	{
		std::unique_lock<std::mutex> const l(s->mutex);
		for (auto const& [key, p] : s->pieces)
		{
			if (key.storage == storage)
			{
				keys.push_back(key);
			}
		}
	}
	for (auto const& key : keys)
	{
		drop_clean(key);
	}
}

std::vector<piece_key> block_cache::dirty_pieces() const
{
	std::vector<piece_key> keys;
	for (auto const& s : m_shards)
	{
		std::unique_lock<std::mutex> const l(s->mutex);
		for (auto const& key : s->lru)
		{
			auto const& p = s->pieces.at(key);
			if (p.dirty + p.writing > 0)
			{
				keys.push_back(key);
			}
		}
	}
	return keys;
}

std::vector<piece_key> block_cache::dirty_pieces(std::uint32_t const storage) const
{
	auto keys = dirty_pieces();
	std::erase_if(keys, [storage](piece_key const& k) { return k.storage != storage; });
	return keys;
}

} // namespace rawswarm
