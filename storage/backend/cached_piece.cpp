// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/cached_piece.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace rawswarm
{

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

// Made if missing.
cached_piece::cached_block& cached_piece::block_at(block_index const b)
{
	auto const i = static_cast<std::size_t>(b.value);
	if (m_blocks.size() <= i)
	{
		m_blocks.resize(i + 1);
	}
	return m_blocks[i];
}

// nullptr if the piece does not have the block.
cached_piece::cached_block const* cached_piece::find(block_index const b) const
{
	auto const i = static_cast<std::size_t>(b.value);
	return i < m_blocks.size() && m_blocks[i].buffer != nullptr ? &m_blocks[i] : nullptr;
}

cached_piece::insertion cached_piece::insert_dirty(block_index const block, char* const buffer,
	int const length, write_handler handler, steady_time const now)
{
	insertion done;
	auto& b = block_at(block);
	switch (b.st)
	{
	case state::clean:
		done.was_clean = true;
		--m_clean;
		done.replaced = b.buffer;
		break;
	case state::dirty:
		done.is_more = false;
		done.became_dirty = false;
		done.replaced = b.buffer;
		handler = both(std::move(b.handler), std::move(handler));
		break;
	case state::writing:
		// the buffer of the write belongs to the writer from here on
		done.is_more = !b.came_again;
		done.became_dirty = false;
		done.replaced = b.came_again ? b.buffer : nullptr;
		handler = both(std::move(b.handler), std::move(handler));
		b.came_again = true;
		break;
	case state::empty: break;
	}
	b.buffer = buffer;
	b.length = length;
	b.arrived = now;
	b.handler = std::move(handler);
	if (done.became_dirty)
	{
		b.st = state::dirty;
		add_dirty(block);
	}
	return done;
}

void cached_piece::add_dirty(block_index const b)
{
	m_first_dirty = m_dirty == 0 ? b.value : std::min(m_first_dirty, b.value);
	m_end_dirty = m_dirty == 0 ? b.value + 1 : std::max(m_end_dirty, b.value + 1);
	++m_dirty;
}

bool cached_piece::insert_clean(block_index const block, char* const buffer, int const length)
{
	auto& b = block_at(block);
	if (b.st != state::empty)
	{
		return false;
	}
	b = {};
	b.buffer = buffer;
	b.length = length;
	b.st = state::clean;
	++m_clean;
	return true;
}

int cached_piece::begin_write(piece_key const key, std::vector<pending_block>& out)
{
	if (m_dirty == 0)
	{
		return 0;
	}
	for (int i = m_first_dirty; i < m_end_dirty; ++i)
	{
		auto& b = m_blocks[static_cast<std::size_t>(i)];
		if (b.st == state::dirty)
		{
			b.st = state::writing;
			out.push_back({key, {i}, b.buffer, b.length, b.arrived, std::move(b.handler), {}});
			b.handler = nullptr;
		}
	}
	m_writing += m_dirty;
	return std::exchange(m_dirty, 0);
}

int cached_piece::end_write(
	std::span<pending_block const> const blocks, std::vector<char*>& lost, std::vector<block_ref>& came_again)
{
	int clean = 0;
	for (auto const& w : blocks)
	{
		auto& b = m_blocks[static_cast<std::size_t>(w.block.value)];
		if (b.came_again)
		{
			// both copies counted as unwritten
			lost.push_back(const_cast<char*>(w.buffer)); // of the pool, which is not const
			b.came_again = false;
			b.st = state::dirty;
			add_dirty(w.block);
			came_again.push_back({w.key.piece, w.block});
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
	m_writing -= static_cast<int>(blocks.size());
	m_clean += clean;
	return clean;
}

char* cached_piece::buffer_of(block_index const block) const
{
	auto const* const b = find(block);
	return b != nullptr ? b->buffer : nullptr;
}

bool cached_piece::is_unwritten(block_index const block) const
{
	auto const* const b = find(block);
	return b != nullptr && (b->st == state::dirty || b->st == state::writing);
}

std::vector<char*> cached_piece::buffers() const
{
	std::vector<char*> all;
	for (auto const& b : m_blocks)
	{
		if (b.buffer != nullptr)
		{
			all.push_back(b.buffer);
		}
	}
	return all;
}

int cached_piece::count_unwritten() const
{
	return m_dirty + m_writing + static_cast<int>(std::ranges::count_if(m_blocks, &cached_block::came_again));
}

void cached_piece::check_invariants() const
{
	int dirty = 0;
	int writing = 0;
	int clean = 0;
	for (std::size_t i = 0; i < m_blocks.size(); ++i)
	{
		auto const& b = m_blocks[i];
		BOOST_ASSERT((b.st == state::empty) == (b.buffer == nullptr));
		BOOST_ASSERT(b.st == state::dirty || b.came_again || !b.handler);
		BOOST_ASSERT(b.st == state::writing || !b.came_again);
		BOOST_ASSERT(b.st != state::dirty || (int(i) >= m_first_dirty && int(i) < m_end_dirty));
		dirty += int(b.st == state::dirty);
		writing += int(b.st == state::writing);
		clean += int(b.st == state::clean);
	}
	BOOST_ASSERT(dirty == m_dirty && writing == m_writing && clean == m_clean);
}

} // namespace rawswarm
