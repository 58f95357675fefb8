// SPDX-License-Identifier: BSD-3-Clause
// Answers reads: from memory with a reference to the block, else from the device.
//
// What is not in memory is read in the order of the device, at most as many reads at once as the target's
// profile says, each with the blocks of its piece that follow (read-ahead: peers ask for whole pieces).
// Several peers that ask for the same block share one read. Read-ahead takes memory only from what is free or
// clean, and only while that is plenty.
//
// What is handed out waits in the send buffers of peers, and its time is theirs; so only a share of
// the pool may be out at once, and reads beyond that wait their turn.
#pragma once

#include "storage/backend/block_cache.hpp"
#include "storage/backend/completions.hpp"
#include "storage/backend/disk_workers.hpp"
#include "storage/backend/open_storage.hpp"
#include "storage/backend/storage_context.hpp"

#include <libtorrent/disk_buffer_holder.hpp>
#include <libtorrent/peer_request.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <unordered_map>
#include <vector>

#include <sys/uio.h>

namespace rawswarm
{

using read_handler = std::function<void(lt::disk_buffer_holder, lt::storage_error const&)>;

struct read_job
{
	std::shared_ptr<open_storage> storage;
	lt::peer_request request; // may straddle two blocks
	read_handler handler;
	bool keep = true; // in memory, for the next peer

	piece_key key() const { return storage->key(request.piece); }
	block_index first_block() const { return {request.start / block_size}; }

	// From the start of a block, so that one block of the pool holds it all.
	bool is_block() const { return request.start % block_size == 0 && request.length <= block_size; }
};

class block_reader
{
public:
	block_reader(storage_context& context, buffer_pool& buffers, block_cache& cache, completions& completions,
		disk_workers& workers);

	// Network thread.
	void read(read_job job);

	// Network thread: the block was written anew. What is being read of it is older, and not to be kept.
	void block_arrived(piece_key key, block_index block);

	// Any thread: blocks may have become free.
	void on_room();

	// Any thread: reads that were not begun end with operation_aborted, and so do later ones.
	void abort();

private:
	struct block_key
	{
		piece_key piece;
		block_index block;

		friend bool operator==(block_key const&, block_key const&) = default;
	};

	struct block_key_hash
	{
		std::size_t operator()(block_key const& k) const
		{
			return piece_key_hash()(k.piece) * 1031 + static_cast<std::size_t>(k.block.value);
		}
	};

	// A block that is being read, or waits for it.
	struct wanted_block
	{
		std::vector<read_job> jobs; // empty: read ahead
		bool overwritten = false;
	};

	// A block of padding alone has no offset of its own, hence the others.
	using place = std::tuple<device_offset, lt::piece_index_t, block_index>;

	// What waits for one storage's device, in its order.
	struct waiting_reads
	{
		std::shared_ptr<open_storage> storage;
		std::map<place, block_key> blocks;
		place head{}; // where the last read ended
		int readers = 0; // at work
	};

	// Adjacent blocks of a piece, each with a buffer.
	struct read_run
	{
		std::shared_ptr<open_storage> storage;
		block_key first;
		std::vector<iovec> buffers;
		bool in_memory = false; // a single block, which has come meanwhile

		block_key block(std::size_t const i) const
		{
			return {first.piece, {first.block.value + static_cast<int>(i)}};
		}
	};

	struct answer
	{
		read_job job;
		char* buffer = nullptr; // with an owner, or nullptr and the error
		lt::storage_error error;
	};

	using lock = std::unique_lock<std::mutex>;

	bool may_hand_out() const;
	bool may_read_ahead() const;
	bool read_from_memory(read_job& job);
	char* take_buffer();
	int length_of(open_storage const& s, block_key const& b) const;
	place place_of(open_storage const& s, block_key const& b) const;
	void add_straddling(read_job job, lock& l);
	int readers_to_start(waiting_reads& w, lock& l);
	void run_reader(std::uint32_t storage);
	bool take_run(waiting_reads& w, read_run& run, lock& l);
	void add_blocks_behind(waiting_reads& w, read_run& run, lock& l);
	std::vector<lt::storage_error> read_from_device(read_run const& run);
	void end_run(read_run const& run, std::vector<lt::storage_error> const& errors);
	void answer_all(std::vector<answer> answers);
	void run_straddling();
	result<void> fill(read_job const& job, char* buffer);

	storage_context& m_context;
	buffer_pool& m_buffers;
	block_cache& m_cache;
	completions& m_completions;
	disk_workers& m_workers;

	std::mutex m_mutex;
	std::unordered_map<block_key, wanted_block, block_key_hash> m_wanted;
	std::map<std::uint32_t, waiting_reads> m_waiting; // by storage
	std::deque<read_job> m_straddling; // reads that lie in two blocks
	bool m_aborted = false;
	std::atomic<int> m_num_wanted{0}; // in m_wanted
	std::atomic<int> m_num_waiting{0}; // reads that nobody has begun
};

} // namespace rawswarm
