// SPDX-License-Identifier: BSD-3-Clause
// Unpacks blocks that arrive as frames (storage/device/block_frame.hpp).
//
// A frame is kept (frame_store.hpp), and a worker unpacks it once the pool has a block for it. So a frame
// takes its own length of memory until then, whatever it claims to hold, and what peers deliver after they
// were told to stop is bounded by its bytes on the wire. The network thread goes on with the block when that
// is done; what it has to do to the piece meanwhile waits.
//
// A frame that cannot be unpacked gives a block of zeros: the piece fails its hash unless that is right, and
// its senders are treated as senders of wrong data. Network thread only, unless a function says otherwise.
#pragma once

#include "base/lifetime.hpp"
#include "base/mutex.hpp"
#include "base/object_pool.hpp"
#include "storage/backend/block_cache.hpp"
#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/completions.hpp"
#include "storage/backend/disk_workers.hpp"
#include "storage/backend/frame_store.hpp"
#include "storage/backend/open_storage.hpp"
#include "storage/backend/pending_block.hpp"
#include "storage/device/block_frame.hpp"

#include <libtorrent/peer_request.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace rawswarm
{

class frame_unpacker
{
public:
	using storage_ptr = std::shared_ptr<open_storage>;

	// A block that came as a frame. buffer: a block of the pool with one reference, which is the receiver's.
	struct arrived_block
	{
		storage_ptr storage;
		lt::peer_request request;
		char* buffer = nullptr;
		write_handler handler;
	};

	// on_block: called for each, in the network thread.
	frame_unpacker(buffer_pool& buffers, block_cache& cache, frame_store& frames, completions& completions,
		disk_workers& workers, disk_stats& stats, std::function<void(arrived_block)> on_block);

	// The block counts as unwritten from here on.
	void add(
		storage_ptr const& s, lt::peer_request const& r, std::span<char const> frame, write_handler handler);

	// Runs f when no frame waits: of the piece, or of the storage. At once if there is none.
	void when_unpacked(piece_key key, std::function<void()> f);
	void when_unpacked(std::uint32_t storage, std::function<void()> f);

	// Any thread: blocks may have become free.
	void on_space();

	// Frames that wait for a worker or for memory. Any thread.
	int waiting() const;

	// Frames that wait are given up: their handlers get operation_aborted. Nothing waits for frames from here
	// on.
	void abort();

private:
	struct job
	{
		storage_ptr storage;
		lt::peer_request request;
		std::span<char> frame; // has a reference
		write_handler handler;
	};

	struct deferred
	{
		std::uint32_t storage = 0;
		std::optional<lt::piece_index_t> piece; // empty: all of the storage
		std::function<void()> run;
	};

	void start_worker();
	void run();
	std::optional<job> next(char*& buffer);
	void unpack(job const& j, char* buffer);
	void done(std::vector<arrived_block> blocks);
	void end(piece_key key);
	bool is_waiting(deferred const& d) const;
	void run_deferred();

	buffer_pool& m_buffers;
	block_cache& m_cache;
	frame_store& m_frames;
	completions& m_completions;
	disk_workers& m_workers;
	disk_stats& m_stats;
	std::function<void(arrived_block)> const m_on_block;
	object_pool<frame_reader> m_readers;

	// network thread
	std::unordered_map<piece_key, int, piece_key_hash> m_pending; // frames of a piece that are not unpacked
	std::vector<deferred> m_deferred; // in their order

	lifetime m_lifetime;
	mutable mutex m_mutex;
	std::deque<job> m_queue GUARDED_BY(m_mutex);
	int m_running GUARDED_BY(m_mutex) = 0; // workers
	std::atomic<int> m_waiting{0}; // of m_queue; asked without the mutex
};

} // namespace rawswarm
