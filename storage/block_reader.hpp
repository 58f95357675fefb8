// Answers reads: from memory with a reference to the block, else from the device.
//
// What is handed out waits in the send buffers of peers, and its time is theirs; so only a share of
// the pool may be out at once, and reads beyond that wait their turn.
#pragma once

#include "storage/block_cache.hpp"
#include "storage/completion_queue.hpp"
#include "storage/disk_workers.hpp"
#include "storage/storage_context.hpp"

#include <libtorrent/disk_buffer_holder.hpp>
#include <libtorrent/peer_request.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace rawswarm
{

using read_handler = std::function<void(lt::disk_buffer_holder, lt::storage_error const&)>;

struct read_job
{
	std::uint32_t storage = 0;
	std::shared_ptr<storage_target> target;
	lt::peer_request request; // may straddle two blocks
	read_handler handler;
	bool keep = true; // in memory, for the next peer

	piece_key key() const { return {storage, request.piece}; }
	block_index first_block() const { return {request.start / block_size}; }

	// From the start of a block, so that one block of the pool holds it all.
	bool is_block() const { return request.start % block_size == 0 && request.length <= block_size; }
};

class block_reader
{
public:
	block_reader(storage_context& context, buffer_pool& buffers, block_cache& cache,
		completion_queue& completions, disk_workers& workers);

	// Network thread.
	void read(read_job job);

	// Any thread: blocks may have become free.
	void on_room();

	// Any thread: reads that wait for room end with operation_aborted, and so do later ones.
	void abort();

private:
	bool may_hand_out() const;
	bool read_from_memory(read_job& job);
	char* take_buffer();
	void read_or_wait(read_job job);
	void read_from_device(read_job& job, char* buffer);
	result<void> fill(read_job const& job, char* buffer);
	void run_waiting();

	storage_context& m_context;
	buffer_pool& m_buffers;
	block_cache& m_cache;
	completion_queue& m_completions;
	disk_workers& m_workers;
	int const m_max_handed_out;

	std::mutex m_mutex;
	std::deque<read_job> m_waiting;
	bool m_aborted = false;
	std::atomic<int> m_num_waiting{0};
};

} // namespace rawswarm
