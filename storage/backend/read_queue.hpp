// SPDX-License-Identifier: BSD-3-Clause
// The blocks of one storage that peers wait for, in the order of the device.
//
// A block is *wanted* from the first request for it to the end of its read, and *waits* until the read
// begins; later requests join it, so that several peers share one read. Reads are taken in ascending order
// from where the last one ended, and again from the start (one sweep after the other): a device with one
// reader sees no seek that the order could save.
//
// Not thread-safe, does no I/O: block_reader guards it.
#pragma once

#include "storage/backend/open_storage.hpp"
#include "storage/backend/piece_key.hpp"
#include "storage/backend/read_job.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rawswarm
{

// Counts of all queues of a backend. Changed by the queues, read by any thread without a lock.
struct read_counts
{
	std::atomic<int> wanted{0}; // blocks
	std::atomic<int> waiting{0}; // of these
};

// A block that is being read, or waits for it.
struct wanted_block
{
	std::vector<read_job> jobs; // empty: read ahead

	// The block arrived anew while it was being read: the bytes read may be older than the new ones, and
	// later requests must not get it.
	bool overwritten = false;

	// Whether the block is kept in memory for other peers. Blocks that are read ahead are.
	bool keep() const;

	// Whether a peer waits for it, as opposed to a piece that is loaded or a read ahead.
	bool has_peer() const;
};

class read_queue
{
public:
	read_queue(std::shared_ptr<open_storage> storage, read_counts& counts)
		: m_storage(std::move(storage))
		, m_counts(counts)
	{}

	open_storage const& storage() const { return *m_storage; }
	std::shared_ptr<open_storage> const& shared_storage() const { return m_storage; }

	// Takes the job, which is_block(), over unless its block was overwritten: then it must be read otherwise.
	bool add(read_job& job);

	// The block was written anew.
	void block_arrived(block_ref const& block);

	int waiting() const { return static_cast<int>(m_waiting.size()); }
	bool waits(block_ref const& block) const { return m_waiting.contains(position_of(block)); }
	wanted_block const* find(block_ref const& block) const;

	// The next block of the sweep. One must wait.
	block_ref next() const;

	// The block no longer waits: its read begins. A block that is read ahead is wanted from here on.
	void begin_read(block_ref const& block);

	// The sweep goes on behind this block, the last one of a read.
	void set_head(block_ref const& block) { m_head = position_of(block); }

	// The read of the block has ended: it is no longer wanted.
	wanted_block end_read(block_ref const& block);

	// The jobs of all blocks that wait. They are no longer wanted.
	std::vector<read_job> take_waiting();

private:
	// A block of padding alone has no offset of its own: its piece and number tell it apart.
	using position = std::tuple<device_offset, lt::piece_index_t, block_index>;

	position position_of(block_ref const& b) const;

	std::shared_ptr<open_storage> m_storage;
	read_counts& m_counts;
	std::unordered_map<block_ref, wanted_block, block_ref_hash> m_wanted;
	std::map<position, block_ref> m_waiting;
	position m_head{}; // where the last read ended
};

} // namespace rawswarm
