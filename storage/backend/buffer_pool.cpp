// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/buffer_pool.hpp"

#include "base/bytes.hpp"
#include "base/invariants.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <new>

#include <sys/mman.h>

namespace rawswarm
{

namespace
{

constexpr auto block_bytes = static_cast<std::size_t>(block_size);

// The size of a large page on the processors that we build for. The arena is aligned to it.
constexpr std::size_t large_page = 2_MiB;

int blocks_in_budget(std::size_t const bytes)
{
	return std::max(buffer_pool::min_blocks, static_cast<int>(bytes / block_bytes));
}

std::size_t whole_large_pages(std::size_t const bytes)
{
	return (bytes + large_page - 1) / large_page * large_page;
}

// Address space only, which no accounting counts. Zeros once it is accessible.
char* reserve(std::size_t const bytes)
{
	auto const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void* const p = ::mmap(nullptr, bytes + large_page, PROT_NONE, flags, -1, 0);
	if (p == MAP_FAILED)
	{
		throw std::bad_alloc();
	}
	auto* const begin = static_cast<char*>(p);
	auto const skip = (large_page - reinterpret_cast<std::uintptr_t>(p) % large_page) % large_page;
	if (skip > 0)
	{
		::munmap(begin, skip);
	}
	::munmap(begin + skip + bytes, large_page - skip);
	return begin + skip;
}

void make_accessible(char* const begin, std::size_t const bytes)
{
	if (::mprotect(begin, bytes, PROT_READ | PROT_WRITE) != 0)
	{
		throw std::bad_alloc();
	}
}

} // namespace

buffer_pool::buffer_pool(std::size_t const bytes, disk_stats& stats)
	: m_stats(stats)
	, m_reserved(whole_large_pages(
					 static_cast<std::size_t>(blocks_in_budget(std::max(bytes, growth_limit))) * block_bytes
					 + overdraft_limit)
		  / block_bytes)
	, m_arena(reserve(m_reserved * (block_bytes + sizeof(ref_counts))))
	, m_refs(reinterpret_cast<ref_counts*>(m_arena + m_reserved * block_bytes))
{
	// No error: pages of the usual size do as well.
	::madvise(m_arena, m_reserved * block_bytes, MADV_HUGEPAGE);
	// Counts of blocks that are never used are never touched, and take no memory.
	make_accessible(m_arena + m_reserved * block_bytes, m_reserved * sizeof(ref_counts));
	set_budget(bytes);
}

buffer_pool::~buffer_pool()
{
	if constexpr (checks_invariants)
	{
		check_invariants();
	}
	::munmap(m_arena, m_reserved * (block_bytes + sizeof(ref_counts)));
}

void buffer_pool::set_budget(std::size_t const bytes)
{
	mutex_lock const l(m_mutex);
	auto const capacity = std::min(
		static_cast<std::size_t>(blocks_in_budget(bytes)), m_reserved - overdraft_limit / block_bytes);
	if (capacity > m_accessible)
	{
		auto const length = whole_large_pages(capacity * block_bytes);
		make_accessible(m_arena, length);
		m_accessible = length / block_bytes;
	}
	m_capacity = static_cast<int>(capacity);
	m_stats.pool_blocks = m_capacity.load();
	while (!m_free.empty() && static_cast<std::size_t>(m_in_use) + m_free.size() > capacity)
	{
		auto const n = m_free.back();
		m_free.pop_back();
		decommit(n);
	}
	if constexpr (checks_invariants)
	{
		check_free_lists();
	}
}

buffer_pool::block_number buffer_pool::number_of(char const* const block) const
{
	return static_cast<block_number>(static_cast<std::size_t>(block - m_arena) / block_bytes);
}

char* buffer_pool::block_at(block_number const n) const
{
	return m_arena + n * block_bytes;
}

char* buffer_pool::allocate()
{
	mutex_lock const l(m_mutex);
	return m_in_use < m_capacity ? take() : nullptr;
}

char* buffer_pool::allocate_beyond_budget()
{
	mutex_lock const l(m_mutex);
	bool const used_before = !m_free.empty() || !m_decommitted.empty();
	if (!used_before && m_used_once == m_accessible)
	{
		if (m_accessible == m_reserved)
		{
			throw std::bad_alloc();
		}
		make_accessible(block_at(static_cast<block_number>(m_accessible)), large_page);
		m_accessible += large_page / block_bytes;
	}
	return take();
}

char* buffer_pool::take()
{
	block_number n = 0;
	if (auto* const list = !m_free.empty() ? &m_free : &m_decommitted; !list->empty())
	{
		n = list->back();
		list->pop_back();
	}
	else
	{
		n = static_cast<block_number>(m_used_once++);
	}
	++m_in_use;
	BOOST_ASSERT(refs(n).load(std::memory_order_relaxed) == 0);
	refs(n).store(1, std::memory_order_relaxed);
	return block_at(n);
}

void buffer_pool::ref(char* const block)
{
	[[maybe_unused]] auto const before = refs(number_of(block)).fetch_add(1, std::memory_order_relaxed);
	BOOST_ASSERT(before != 0); // a reference is made from another one
	BOOST_ASSERT(before != UINT32_MAX);
}

// True if that was the last one. The block is not in a list of free ones yet.
bool buffer_pool::drop_ref(block_number const n)
{
	// acq_rel: the next user of the block must see the last one's reads and writes as done
	auto const before = refs(n).fetch_sub(1, std::memory_order_acq_rel);
	BOOST_ASSERT(before != 0);
	return before == 1;
}

bool buffer_pool::unref(char* const block)
{
	auto const n = number_of(block);
	if (!drop_ref(n))
	{
		return false;
	}
	mutex_lock const l(m_mutex);
	put_back(n);
	return true;
}

// Takes the mutex once, and not at all if somebody else still uses every block.
void buffer_pool::unref(std::span<char* const> const blocks)
{
	auto const is_last = [this](char* const block) { return drop_ref(number_of(block)); };
	auto freed = std::ranges::find_if(blocks, is_last);
	if (freed == blocks.end())
	{
		return;
	}
	mutex_lock const l(m_mutex);
	for (; freed != blocks.end(); freed = std::find_if(std::next(freed), blocks.end(), is_last))
	{
		put_back(number_of(*freed));
	}
	if constexpr (checks_invariants)
	{
		check_free_lists();
	}
}

void buffer_pool::put_back(block_number const n)
{
	--m_in_use;
	if (static_cast<std::size_t>(m_in_use) + m_free.size() < static_cast<std::size_t>(m_capacity))
	{
		m_free.push_back(n);
	}
	else
	{
		decommit(n); // the budget became smaller
	}
}

void buffer_pool::decommit(block_number const n)
{
	::madvise(block_at(n), block_bytes, MADV_DONTNEED);
	m_decommitted.push_back(n);
}

bool buffer_pool::is_unshared(char const* const block) const
{
	return refs(number_of(block)).load(std::memory_order_acquire) == 1;
}

lt::disk_buffer_holder buffer_pool::hand_out(char* const block, int const length)
{
	if (handed_out_refs(number_of(block)).fetch_add(1, std::memory_order_relaxed) == 0)
	{
		m_handed_out.fetch_add(1, std::memory_order_relaxed);
		m_stats.pool_handed_out.fetch_add(1, std::memory_order_relaxed);
	}
	return {*this, block, length};
}

void buffer_pool::free_disk_buffer(char* const block)
{
	auto const before = handed_out_refs(number_of(block)).fetch_sub(1, std::memory_order_relaxed);
	BOOST_ASSERT(before != 0);
	if (before == 1)
	{
		m_handed_out.fetch_sub(1, std::memory_order_relaxed);
		m_stats.pool_handed_out.fetch_sub(1, std::memory_order_relaxed);
	}
	unref(block);
	if (m_on_return)
	{
		m_on_return();
	}
}

// Holds whatever other threads do: only allocate() makes references to a free block, under the mutex.
void buffer_pool::check_free_lists() const
{
	BOOST_ASSERT(m_used_once <= m_accessible && m_accessible <= m_reserved);
	BOOST_ASSERT(static_cast<std::size_t>(m_in_use) + m_free.size() + m_decommitted.size() == m_used_once);
	std::vector<bool> listed(m_used_once);
	for (auto const* const list : {&m_free, &m_decommitted})
	{
		for (auto const n : *list)
		{
			BOOST_ASSERT(n < m_used_once && !listed[n]);
			BOOST_ASSERT(refs(n) == 0 && handed_out_refs(n) == 0);
			listed[n] = true;
		}
	}
}

void buffer_pool::check_invariants() const
{
	mutex_lock const l(m_mutex);
	check_free_lists();
	int in_use = 0;
	int handed_out = 0;
	for (block_number n = 0; n < m_used_once; ++n)
	{
		BOOST_ASSERT(handed_out_refs(n) <= refs(n));
		in_use += int(refs(n) > 0);
		handed_out += int(handed_out_refs(n) > 0);
	}
	BOOST_ASSERT(in_use == m_in_use);
	BOOST_ASSERT(handed_out == m_handed_out);
}

} // namespace rawswarm
