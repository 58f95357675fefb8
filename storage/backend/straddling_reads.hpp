// SPDX-License-Identifier: BSD-3-Clause
// Reads that one block of the pool cannot answer by a reference: those that lie in two blocks, and those of a
// block that was written anew while an older copy was being read.
//
// BitTorrent clients ask for whole blocks, so they are rare: each is copied together into a block of its own,
// in the order of their arrival, by one worker at a time per request. Of one target they take as many workers
// at once as it has readers, beside those that read its blocks (block_reader.hpp): however many wait for a
// device that hangs, they take no more. How many reads the device itself gets at once, of all kinds, is the
// target's own limit (storage_target::reading).
#pragma once

#include "base/mutex.hpp"
#include "storage/backend/block_cache.hpp"
#include "storage/backend/completions.hpp"
#include "storage/backend/disk_workers.hpp"
#include "storage/backend/read_budget.hpp"
#include "storage/backend/read_job.hpp"
#include "storage/backend/storage_context.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>

namespace rawswarm
{

class straddling_reads
{
public:
	// on_space: called by a worker after each read, when blocks may have become free.
	straddling_reads(storage_context& context, buffer_pool& buffers, block_cache& cache, read_budget& budget,
		completions& completions, disk_workers& workers, std::function<void()> on_space);

	// Network thread.
	void add(read_job job);

	// Any thread: blocks may have become free.
	void on_space();

	// Any thread: reads that were not begun end with operation_aborted, and so do later ones.
	void abort();

private:
	void run();
	std::deque<read_job>::iterator next_job() REQUIRES(m_mutex);
	void end_read(std::uint32_t storage);
	result<void> fill(read_job const& job, char* buffer);

	storage_context& m_context;
	buffer_pool& m_buffers;
	block_cache& m_cache;
	read_budget& m_budget;
	completions& m_completions;
	disk_workers& m_workers;
	std::function<void()> m_on_space;

	mutex m_mutex;
	std::deque<read_job> m_jobs GUARDED_BY(m_mutex);
	std::map<std::uint32_t, int> m_readers GUARDED_BY(m_mutex); // at work, by storage
	bool m_aborted GUARDED_BY(m_mutex) = false;
	std::atomic<int> m_num_jobs{0}; // in m_jobs
};

} // namespace rawswarm
