// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/read_run.hpp"

#include <algorithm>
#include <climits>

namespace rawswarm
{

namespace
{

std::size_t length_of(open_storage const& s, block_ref const& b)
{
	return static_cast<std::size_t>(s.block_length(b.piece, b.block));
}

// Of blocks that are wanted.
std::size_t longest_run(open_storage const& s, block_ref const& first)
{
	auto const blocks = static_cast<std::size_t>(s.blocks_in_piece(first.piece) - first.block.value);
	return std::min<std::size_t>(blocks, IOV_MAX);
}

void add_blocks_behind(
	read_run& run, read_queue& queue, read_budget& budget, block_cache& cache, disk_stats& stats)
{
	auto const& s = *run.storage;
	// reads that are not to be kept in memory are not worth reading ahead either
	bool const ahead = queue.find(run.first)->keep();
	auto const longest = longest_run(s, run.first);
	auto const longest_ahead = 1 + static_cast<std::size_t>(s.target->profile().read_ahead_blocks);
	while (run.buffers.size() < longest)
	{
		auto const next = run.block(run.buffers.size());
		bool const waits = queue.waits(next);
		bool const is_wanted =
			waits || (ahead && run.buffers.size() < longest_ahead && queue.find(next) == nullptr);
		if (!is_wanted || cache.contains(s.key(next.piece), next.block))
		{
			return;
		}
		char* const buffer = waits ? budget.take_buffer() : budget.take_buffer_ahead();
		if (!buffer)
		{
			return;
		}
		if (!waits)
		{
			stats.blocks_read_ahead.fetch_add(1, std::memory_order_relaxed);
		}
		queue.begin_read(next);
		run.buffers.push_back({buffer, length_of(s, next)});
	}
}

} // namespace

std::optional<read_run> take_run(
	read_queue& queue, read_budget& budget, block_cache& cache, disk_stats& stats)
{
	if (queue.waiting() == 0 || !budget.may_hand_out())
	{
		return std::nullopt;
	}
	read_run run{queue.shared_storage(), queue.next(), {}, false};
	char* buffer = cache.find(run.storage->key(run.first.piece), run.first.block);
	run.in_memory = buffer != nullptr;
	if (!buffer)
	{
		buffer = cache.take_buffer();
	}
	if (!buffer)
	{
		return std::nullopt;
	}
	queue.begin_read(run.first);
	run.buffers.push_back({buffer, length_of(*run.storage, run.first)});
	if (!run.in_memory)
	{
		add_blocks_behind(run, queue, budget, cache, stats);
	}
	queue.set_head(run.block(run.buffers.size() - 1));
	stats.pool_reading.fetch_add(static_cast<int>(run.buffers.size()), std::memory_order_relaxed);
	return run;
}

} // namespace rawswarm
