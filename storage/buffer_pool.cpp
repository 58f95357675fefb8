#include "storage/buffer_pool.hpp"

#include <algorithm>
#include <cerrno>
#include <new>

#include <sys/mman.h>

namespace rawswarm
{

buffer_pool::buffer_pool(std::size_t const bytes)
	: m_capacity(std::max(min_blocks, static_cast<int>(bytes / static_cast<std::size_t>(block_size))))
	, m_owners(std::make_unique<std::atomic<std::uint16_t>[]>(static_cast<std::size_t>(m_capacity)))
{
	auto const length = static_cast<std::size_t>(m_capacity) * static_cast<std::size_t>(block_size);
	// MAP_NORESERVE: the budget is a limit, not a claim; pages come as blocks are used for the first time.
	void* const p =
		::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
	{
		throw std::bad_alloc();
	}
	m_arena = static_cast<char*>(p);
	m_free.reserve(static_cast<std::size_t>(m_capacity));
	for (int i = m_capacity - 1; i >= 0; --i)
	{
		m_free.push_back(static_cast<std::uint32_t>(i));
	}
}

buffer_pool::~buffer_pool()
{
	::munmap(m_arena, static_cast<std::size_t>(m_capacity) * static_cast<std::size_t>(block_size));
}

std::size_t buffer_pool::index(char const* const block) const
{
	return static_cast<std::size_t>(block - m_arena) / static_cast<std::size_t>(block_size);
}

char* buffer_pool::allocate()
{
	std::unique_lock<std::mutex> l(m_mutex);
	if (m_free.empty())
	{
		return nullptr;
	}
	auto const i = m_free.back();
	m_free.pop_back();
	l.unlock();
	m_owners[i].store(1, std::memory_order_relaxed);
	m_in_use.fetch_add(1, std::memory_order_relaxed);
	return m_arena + std::size_t(i) * static_cast<std::size_t>(block_size);
}

void buffer_pool::add_owner(char* const block)
{
	m_owners[index(block)].fetch_add(1, std::memory_order_relaxed);
}

bool buffer_pool::drop_owner(char* const block)
{
	auto const i = index(block);
	// acq_rel: whoever takes the block next must see the last owner's reads and writes as done
	if (m_owners[i].fetch_sub(1, std::memory_order_acq_rel) != 1)
	{
		return false;
	}
	m_in_use.fetch_sub(1, std::memory_order_relaxed);
	std::unique_lock<std::mutex> const l(m_mutex);
	m_free.push_back(static_cast<std::uint32_t>(i));
	return true;
}

bool buffer_pool::is_sole_owner(char const* const block) const
{
	return m_owners[index(block)].load(std::memory_order_acquire) == 1;
}

lt::disk_buffer_holder buffer_pool::hand_out(char* const block, int const length)
{
	m_handed_out.fetch_add(1, std::memory_order_relaxed);
	return {*this, block, length};
}

void buffer_pool::free_disk_buffer(char* const block)
{
	m_handed_out.fetch_sub(1, std::memory_order_relaxed);
	drop_owner(block);
	if (m_on_return)
	{
		m_on_return();
	}
}

} // namespace rawswarm
