// SPDX-License-Identifier: BSD-3-Clause
// Answers reads: from memory with a reference to the block, else from the device.
//
// Blocks that are not in memory are read in the order of the device (read_queue.hpp), at most as many reads
// at once as the target's profile says, each with the blocks of its piece that follow (read_run.hpp), as far
// as read_budget.hpp gives memory.
//
// Pieces that are to be hashed before they are first sent are read in the same order (piece_load.hpp), so
// that a disk has one reader who never seeks in vain, and so are pieces ahead of those while peers ask for
// them in their order (read_streak.hpp): as long as no others wait.
#pragma once

#include "base/mutex.hpp"
#include "storage/backend/block_cache.hpp"
#include "storage/backend/completions.hpp"
#include "storage/backend/disk_workers.hpp"
#include "storage/backend/drained_queue.hpp"
#include "storage/backend/frame_packer.hpp"
#include "storage/backend/piece_load.hpp"
#include "storage/backend/read_answers.hpp"
#include "storage/backend/read_budget.hpp"
#include "storage/backend/read_job.hpp"
#include "storage/backend/read_queue.hpp"
#include "storage/backend/read_run.hpp"
#include "storage/backend/storage_context.hpp"
#include "storage/backend/straddling_reads.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace rawswarm
{

class block_reader
{
public:
	block_reader(storage_context& context, buffer_pool& buffers, block_cache& cache, completions& completions,
		disk_workers& workers, frame_packer& packer);

	// Network thread. A job that may be answered with a frame is of a whole block.
	void read(read_job job);

	// Network thread: has the piece read into the cache, then a worker call on_loaded, exactly once; at once
	// if all of it is there. What could not be read, or had to give way meanwhile, is not there. False, and
	// nothing happens: it is better read by who hashes it, as the device does not seek, or the piece is too
	// large for the pool, or may be written.
	bool load(std::shared_ptr<open_storage> const& storage, lt::piece_index_t piece,
		std::function<void()> on_loaded);

	// Network thread: the block was written anew. A copy that is being read is older, and is not kept.
	void block_arrived(piece_key key, block_index block);

	// Any thread: blocks may have become free.
	void on_space();

	// Any thread: reads that were not begun end with operation_aborted, and so do later ones.
	void abort();

private:
	struct storage_reads
	{
		storage_reads(std::shared_ptr<open_storage> const& storage, read_counts& counts)
			: queue(storage, counts)
		{}

		read_queue queue;
		int readers = 0; // at work

		waiting_loads loads;
		int loading = 0; // blocks of the pieces whose reads have begun, until they are hashed

		bool is_idle() const
		{
			return readers == 0 && queue.waiting() == 0 && loads.is_empty() && loading == 0;
		}
	};
	using finished_loads = std::vector<std::shared_ptr<piece_load>>;

	bool read_from_memory(read_job& job);
	void read_block(read_job job, starts when);
	void read_stored_frames();
	static int readers_to_start(storage_reads& s);
	void start_readers(std::uint32_t storage, storage_reads& s, starts when) REQUIRES(m_mutex);
	int most_loading() const { return m_buffers.capacity() / 4; } // blocks
	void begin_loads(storage_reads& s, finished_loads& finished) REQUIRES(m_mutex);
	std::shared_ptr<piece_load> next_load(storage_reads& s) const REQUIRES(m_mutex);
	std::shared_ptr<piece_load> load_ahead(storage_reads& s) const REQUIRES(m_mutex);
	void begin_load(storage_reads& s, std::shared_ptr<piece_load> load, finished_loads& finished)
		REQUIRES(m_mutex);
	static void abort_loads(storage_reads& s, finished_loads& finished);
	void end_load(std::uint32_t storage, piece_load const& load);
	void finish_loads(std::uint32_t storage, finished_loads const& finished, starts when);
	void run_reader(std::uint32_t storage);
	std::optional<read_run> next_run(std::uint32_t storage, finished_loads& finished);
	std::vector<lt::storage_error> read_from_device(read_run const& run);
	bool is_asked_for(read_run const& run, std::size_t block);
	void end_run(read_run const& run, std::vector<lt::storage_error> const& errors);
	void keep_block(read_run const& run, std::size_t i, wanted_block const& wanted) REQUIRES(m_mutex);
	void hand_out(read_run const& run, std::size_t i, lt::storage_error const& error,
		std::vector<read_job>& jobs, std::vector<read_answer>& answers, finished_loads& finished)
		REQUIRES(m_mutex);

	storage_context& m_context;
	buffer_pool& m_buffers;
	block_cache& m_cache;
	completions& m_completions;
	disk_workers& m_workers;
	frame_packer& m_packer;
	read_budget m_budget;
	straddling_reads m_straddling;
	read_counts m_counts; // of m_storages
	drained_queue<read_job> m_stored; // frames that the device may have

	mutex m_mutex;
	// by number; a storage stays as long as it has blocks that wait or readers at work
	std::map<std::uint32_t, storage_reads> m_storages GUARDED_BY(m_mutex);
	bool m_aborted GUARDED_BY(m_mutex) = false;
};

} // namespace rawswarm
