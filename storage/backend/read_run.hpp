// SPDX-License-Identifier: BSD-3-Clause
// The blocks of one read: the next one that a peer waits for, and those behind it in the same
// piece.
#pragma once

#include "storage/backend/block_cache.hpp"
#include "storage/backend/disk_stats.hpp"
#include "storage/backend/read_budget.hpp"
#include "storage/backend/read_queue.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <sys/uio.h>

namespace rawswarm
{

// Adjacent blocks of a piece, each with a buffer that has one reference.
struct read_run
{
	std::shared_ptr<open_storage> storage;
	block_ref first;
	std::vector<iovec> buffers;
	bool in_memory = false; // a single block, which arrived while it waited: nothing is left to read

	block_ref block(std::size_t const i) const
	{
		return {first.piece, {first.block.value + static_cast<int>(i)}};
	}
};

// Takes the next run from the queue. Behind the first block it takes blocks that wait as well, and up to
// the profile's read_ahead_blocks those that no peer asked for (peers ask for whole pieces), up to the end of
// the piece, or a block that is in memory or being read. Nothing if no block waits, or the budget
// gives no memory.
std::optional<read_run> take_run(
	read_queue& queue, read_budget& budget, block_cache& cache, disk_stats& stats);

} // namespace rawswarm
