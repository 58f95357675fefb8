// The memory of the disk backend: blocks of 16 KiB from one arena, within one budget.
//
// A block has owners: the cache that keeps it, and whoever was handed a reference to it (libtorrent's
// disk_buffer_holder, a job that hashes it). It returns to the free list when the last of them lets
// go. The arena is reserved at once and touched as it is used; nothing beyond it is ever allocated.
// Thread-safe. Must outlive every disk_buffer_holder that it fed.
#pragma once

#include "storage/units.hpp"

#include <libtorrent/disk_buffer_holder.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace rawswarm
{

class buffer_pool final : public lt::buffer_allocator_interface
{
public:
	// bytes: the budget, rounded down to whole blocks, at least min_blocks of them.
	explicit buffer_pool(std::size_t bytes);
	~buffer_pool();
	buffer_pool(buffer_pool const&) = delete;
	buffer_pool& operator=(buffer_pool const&) = delete;

	// Small enough for any machine, and enough for every state that a block goes through.
	static constexpr int min_blocks = 64;

	// A block with one owner, or nullptr when all are in use.
	char* allocate();

	void add_owner(char* block);

	// True if that was the last owner: the block is free again.
	bool drop_owner(char* block);

	// True if the caller is the only owner.
	bool is_sole_owner(char const* block) const;

	// A reference for libtorrent: counts as handed out until the holder frees it. The caller passes
	// one ownership on.
	lt::disk_buffer_holder hand_out(char* block, int length);

	// libtorrent is done with a block.
	void free_disk_buffer(char* block) override;

	// Blocks.
	int capacity() const { return m_capacity; }
	int in_use() const { return m_in_use.load(std::memory_order_relaxed); }
	int handed_out() const { return m_handed_out.load(std::memory_order_relaxed); }

	// Called, from any thread and without a lock held, whenever a block that libtorrent held comes
	// back. Set once, before the first allocation.
	void set_on_return(std::function<void()> f) { m_on_return = std::move(f); }

private:
	std::size_t index(char const* block) const;

	int const m_capacity;
	char* m_arena = nullptr;
	std::unique_ptr<std::atomic<std::uint16_t>[]> m_owners; // by block
	std::mutex m_mutex;
	std::vector<std::uint32_t> m_free; // the last one freed first: it is the warmest
	std::atomic<int> m_in_use{0};
	std::atomic<int> m_handed_out{0};
	std::function<void()> m_on_return;
};

} // namespace rawswarm
