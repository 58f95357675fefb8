// SPDX-License-Identifier: BSD-3-Clause
// The memory of the disk backend: blocks of 16 KiB from one arena, within one budget.
//
// References to a block are counted: the cache that keeps it has one, and so has each job that uses it and
// each lt::disk_buffer_holder (a block in a peer's send buffer is *handed out*). A block is free again when
// the last reference is dropped. Memory is touched as blocks are used for the first time, in the arena's
// order, so that large pages (asked for, and given where the kernel has them) are filled one after the other;
// a free block that was used before is taken first. Nothing beyond the arena is ever allocated.
//
// Thread-safe. Must outlive every disk_buffer_holder that it handed out.
#pragma once

#include "base/bytes.hpp"
#include "base/mutex.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/device/units.hpp"

#include <libtorrent/disk_buffer_holder.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
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

	// The largest budget that set_budget() can reach, unless the first one was larger. Address space only.
	static constexpr std::size_t growth_limit = 4_GiB;

	// Beyond any budget. Address space only; what is beyond that ends the program.
	static constexpr std::size_t overdraft_limit = 1_GiB;

	// A smaller budget holds once enough blocks have come back; none is handed out until then. Free memory
	// beyond it goes back to the kernel.
	void set_budget(std::size_t bytes);

	// A block with one reference, or nullptr when the budget is used up.
	char* allocate();

	// The same whatever the budget, up to overdraft_limit. Its memory goes back to the kernel when it is
	// freed.
	char* allocate_beyond_budget();

	void ref(char* block);

	// True if that was the last reference: the block is free again.
	bool unref(char* block);
	void unref(std::span<char* const> blocks);

	// True if the caller's reference is the only one.
	bool is_unshared(char const* block) const;

	// For libtorrent: takes the caller's reference over. The block counts as handed out until the holder
	// frees it.
	lt::disk_buffer_holder hand_out(char* block, int length);

	// libtorrent is done with a block.
	void free_disk_buffer(char* block) override;

	// Blocks. One that several holders refer to is handed out once.
	int capacity() const { return m_capacity.load(std::memory_order_relaxed); }
	int in_use() const { return m_in_use.load(std::memory_order_relaxed); }
	int handed_out() const { return m_handed_out.load(std::memory_order_relaxed); }

	// Called, from any thread and without a lock held, whenever libtorrent gives a block back. Set once,
	// before the first allocation.
	void set_on_return(std::function<void()> f) { m_on_return = std::move(f); }

	// Ends the program if the counts disagree. No other thread may use the pool meanwhile.
	void check_invariants() const;

private:
	using block_number = std::uint32_t;

	// Counts of one block. 32 bits each: every request of every peer may hold a reference, of which 16 bits
	// could count too few.
	struct ref_counts
	{
		std::uint32_t all = 0;
		std::uint32_t handed_out = 0; // of these, libtorrent's
	};
	using ref_count = std::atomic_ref<std::uint32_t>;

	block_number number_of(char const* block) const;
	char* block_at(block_number n) const;
	ref_count refs(block_number n) const { return ref_count(m_refs[n].all); }
	ref_count handed_out_refs(block_number n) const { return ref_count(m_refs[n].handed_out); }
	bool drop_ref(block_number n);
	char* take() REQUIRES(m_mutex);
	void put_back(block_number n) REQUIRES(m_mutex);
	void decommit(block_number n) REQUIRES(m_mutex);
	void check_free_lists() const REQUIRES(m_mutex);

	disk_stats& m_stats;
	std::size_t const m_reserved; // blocks of address space
	char* m_arena = nullptr;
	ref_counts* m_refs = nullptr; // by block; behind the arena in the same mapping
	std::atomic<int> m_capacity{0};
	std::atomic<int> m_in_use{0}; // changed under the mutex
	std::atomic<int> m_handed_out{0};
	std::function<void()> m_on_return;

	mutable mutex m_mutex;
	// blocks at the arena's start that may be touched, and those that were allocated at some time
	std::size_t m_accessible GUARDED_BY(m_mutex) = 0;
	std::size_t m_used_once GUARDED_BY(m_mutex) = 0;
	std::vector<block_number> m_free GUARDED_BY(m_mutex); // with memory; the last one freed is the warmest
	std::vector<block_number> m_decommitted GUARDED_BY(m_mutex); // without memory, below m_used_once
};

} // namespace rawswarm
