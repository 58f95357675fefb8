// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/buffer_pool.hpp"

#include <algorithm>
#include <cerrno>
#include <new>

#include <sys/mman.h>

namespace rawswarm
{

namespace
{

constexpr auto block_bytes = static_cast<std::size_t>(block_size);

// The size of a large page on the processors that we build for. The arena is aligned to it.
constexpr std::size_t large_page = std::size_t(2) * 1024 * 1024;

int blocks_in(std::size_t const bytes)
{
	return std::max(buffer_pool::min_blocks, static_cast<int>(bytes / block_bytes));
}

std::size_t whole_large_pages(std::size_t const blocks)
{
	return (blocks * block_bytes + large_page - 1) / large_page * large_page;
}

// Address space alone, which no accounting counts.
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

} // namespace

buffer_pool::buffer_pool(std::size_t const bytes, disk_stats& stats)
	: m_stats(stats)
	, m_reserved(
		  whole_large_pages(static_cast<std::size_t>(blocks_in(std::max(bytes, growth_limit)))) / block_bytes)
	, m_arena(reserve(m_reserved * block_bytes))
	, m_owners(std::make_unique<std::atomic<std::uint16_t>[]>(m_reserved))
	, m_holders(std::make_unique<std::atomic<std::uint16_t>[]>(m_reserved))
{
	// No error: pages of the usual size do as well.
	::madvise(m_arena, m_reserved * block_bytes, MADV_HUGEPAGE);
	set_budget(bytes);
}

buffer_pool::~buffer_pool()
{
	::munmap(m_arena, m_reserved * block_bytes);
}

void buffer_pool::set_budget(std::size_t const bytes)
{
	std::unique_lock<std::mutex> l(m_mutex);
	auto const capacity = std::min(static_cast<std::size_t>(blocks_in(bytes)), m_reserved);
	if (capacity > m_accessible)
	{
		auto const length = whole_large_pages(capacity);
		if (::mprotect(m_arena, length, PROT_READ | PROT_WRITE) != 0)
		{
			throw std::bad_alloc();
		}
		m_accessible = length / block_bytes;
	}
	m_capacity = static_cast<int>(capacity);
	m_stats.pool_blocks = m_capacity.load();
	while (!m_free.empty() && static_cast<std::size_t>(m_in_use) + m_free.size() > capacity)
	{
		auto const n = m_free.back();
		m_free.pop_back();
		give_to_kernel(n, l);
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
	std::unique_lock<std::mutex> const l(m_mutex);
	if (m_in_use >= m_capacity)
	{
		return nullptr;
	}
	block_number n = 0;
	if (auto* const list = !m_free.empty() ? &m_free : &m_hollow; !list->empty())
	{
		n = list->back();
		list->pop_back();
	}
	else
	{
		n = static_cast<block_number>(m_used_once++);
	}
	++m_in_use;
	m_owners[n].store(1, std::memory_order_relaxed);
	return block_at(n);
}

void buffer_pool::add_owner(char* const block)
{
	m_owners[number_of(block)].fetch_add(1, std::memory_order_relaxed);
}

bool buffer_pool::drop_owner(char* const block)
{
	auto const n = number_of(block);
	// acq_rel: whoever takes the block next must see the last owner's reads and writes as done
	if (m_owners[n].fetch_sub(1, std::memory_order_acq_rel) != 1)
	{
		return false;
	}
	std::unique_lock<std::mutex> l(m_mutex);
	put_back(n, l);
	return true;
}

void buffer_pool::drop_owners(std::span<char* const> const blocks)
{
	std::unique_lock<std::mutex> l(m_mutex, std::defer_lock);
	for (char* const block : blocks)
	{
		auto const n = number_of(block);
		if (m_owners[n].fetch_sub(1, std::memory_order_acq_rel) == 1)
		{
			if (!l.owns_lock())
			{
				l.lock();
			}
			put_back(n, l);
		}
	}
}

void buffer_pool::put_back(block_number const n, std::unique_lock<std::mutex>& l)
{
	--m_in_use;
	if (static_cast<std::size_t>(m_in_use) + m_free.size() < static_cast<std::size_t>(m_capacity))
	{
		m_free.push_back(n);
	}
	else
	{
		give_to_kernel(n, l); // the budget became smaller
	}
}

void buffer_pool::give_to_kernel(block_number const n, std::unique_lock<std::mutex>&)
{
	::madvise(block_at(n), block_bytes, MADV_DONTNEED);
	m_hollow.push_back(n);
}

bool buffer_pool::is_sole_owner(char const* const block) const
{
	return m_owners[number_of(block)].load(std::memory_order_acquire) == 1;
}

lt::disk_buffer_holder buffer_pool::hand_out(char* const block, int const length)
{
	if (m_holders[number_of(block)].fetch_add(1, std::memory_order_relaxed) == 0)
	{
		m_handed_out.fetch_add(1, std::memory_order_relaxed);
		m_stats.pool_handed_out.fetch_add(1, std::memory_order_relaxed);
	}
	return {*this, block, length};
}

void buffer_pool::free_disk_buffer(char* const block)
{
	if (m_holders[number_of(block)].fetch_sub(1, std::memory_order_relaxed) == 1)
	{
		m_handed_out.fetch_sub(1, std::memory_order_relaxed);
		m_stats.pool_handed_out.fetch_sub(1, std::memory_order_relaxed);
	}
	drop_owner(block);
	if (m_on_return)
	{
		m_on_return();
	}
}

} // namespace rawswarm
