// SPDX-License-Identifier: BSD-3-Clause
// The memory of the disk backend: blocks of 16 KiB from one arena, within one budget.
//
// A block has owners: the cache that keeps it, and whoever was handed a reference to it (libtorrent's
// disk_buffer_holder, a job that hashes it). It is free again when the last of them lets go. Memory is
// touched as blocks are used for the first time, in the arena's order, so that large pages (asked for, and
// given where the kernel has them) are filled one after the other; a free block that was used before is
// taken first. Nothing beyond the arena is ever allocated. Thread-safe. Must outlive every
// disk_buffer_holder that it fed.
#pragma once

#include "storage/backend/disk_stats.hpp"
#include "storage/device/units.hpp"

#include <libtorrent/disk_buffer_holder.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace rawswarm
{

class buffer_pool final : public lt::buffer_allocator_interface
{
public:
	// bytes: the budget, rounded down to whole blocks, at least min_blocks of them.
	buffer_pool(std::size_t bytes, disk_stats& stats);
	~buffer_pool();
	buffer_pool(buffer_pool const&) = delete;
	buffer_pool& operator=(buffer_pool const&) = delete;

	// Small enough for any machine, and enough for every state that a block goes through.
	static constexpr int min_blocks = 64;

	// A budget may be raised to so much, or to what it was at first if that is more. Address space only.
	static constexpr std::size_t growth_limit = std::size_t(4) * 1024 * 1024 * 1024;

	// A smaller budget holds once enough blocks have come back; none is handed out until then. What is free
	// beyond it goes back to the kernel.
	void set_budget(std::size_t bytes);

	// A block with one owner, or nullptr when the budget is used up.
	char* allocate();

	void add_owner(char* block);

	// True if that was the last owner: the block is free again.
	bool drop_owner(char* block);
	void drop_owners(std::span<char* const> blocks);

	// True if the caller is the only owner.
	bool is_sole_owner(char const* block) const;

	// A reference for libtorrent: counts as handed out until the holder frees it. The caller passes
	// one ownership on.
	lt::disk_buffer_holder hand_out(char* block, int length);

	// libtorrent is done with a block.
	void free_disk_buffer(char* block) override;

	// Blocks. One that several holders refer to is handed out once.
	int capacity() const { return m_capacity.load(std::memory_order_relaxed); }
	int in_use() const { return m_in_use.load(std::memory_order_relaxed); }
	int handed_out() const { return m_handed_out.load(std::memory_order_relaxed); }

	// Called, from any thread and without a lock held, whenever a block that libtorrent held comes
	// back. Set once, before the first allocation.
	void set_on_return(std::function<void()> f) { m_on_return = std::move(f); }

private:
	using block_number = std::uint32_t;

	block_number number_of(char const* block) const;
	char* block_at(block_number n) const;
	void put_back(block_number n, std::unique_lock<std::mutex>& l);
	void give_to_kernel(block_number n, std::unique_lock<std::mutex>& l);

	disk_stats& m_stats;
	std::size_t const m_reserved; // blocks of address space
	char* m_arena = nullptr;
	std::unique_ptr<std::atomic<std::uint16_t>[]> m_owners; // by block
	std::unique_ptr<std::atomic<std::uint16_t>[]> m_holders; // of those, libtorrent's; by block
	std::atomic<int> m_capacity{0};
	std::atomic<int> m_in_use{0}; // changed under the mutex
	std::atomic<int> m_handed_out{0};
	std::function<void()> m_on_return;

	std::mutex m_mutex;
	std::size_t m_accessible = 0; // blocks at the arena's start that may be touched
	std::size_t m_used_once = 0; // blocks at the arena's start that were allocated at some time
	std::vector<block_number> m_free; // with memory behind them; the last one freed is the warmest
	std::vector<block_number> m_hollow; // without memory, below m_used_once
};

} // namespace rawswarm
