// SPDX-License-Identifier: BSD-3-Clause
// Takes blocks from the swarm, decides when they are written, and writes them.
//
// A piece's blocks are written when max_blocks of them have gathered, when the piece is complete, when the
// oldest has waited for the profile's timeout and the device has nothing better to do, when backpressure is
// urgent, and when the torrent stops. write_queue decides which piece comes next; as many writers are at work
// for a target as its profile says, and no block is written but by one of them. The network thread never
// writes itself and never waits for a write, so that a device that hangs stops its own target alone; with no
// block of the pool left it takes one beyond the budget.
#pragma once

#include "base/mutex.hpp"
#include "storage/backend/backpressure.hpp"
#include "storage/backend/block_cache.hpp"
#include "storage/backend/completions.hpp"
#include "storage/backend/disk_workers.hpp"
#include "storage/backend/open_storage.hpp"
#include "storage/backend/storage_context.hpp"

#include <libtorrent/peer_request.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace rawswarm
{

class block_writer
{
public:
	using storage_ptr = std::shared_ptr<open_storage>;

	// on_space: called by a worker after each write, when blocks may have become evictable.
	block_writer(storage_context& context, buffer_pool& buffers, block_cache& cache, completions& completions,
		disk_workers& workers, storage_table& storages, std::function<void()> on_space);

	// Network thread. Copies the block; the handler is posted once it is on the device, or has failed.
	void write(storage_ptr const& s, lt::peer_request const& r, char const* buf, write_handler handler);

	// The same for a block that is in the pool already: takes the caller's reference over.
	void write_buffer(storage_ptr const& s, lt::peer_request const& r, char* buffer, write_handler handler);

	// Network thread, after write(). True if the peer has to wait for the observer.
	bool has_to_wait(storage_ptr const& s, std::shared_ptr<lt::disk_observer> const& observer);

	// Network thread, after write_buffer(): no peer waits for its block, but memory may be short.
	void write_if_urgent(storage_ptr const& s);

	// Network thread: the piece has all its blocks.
	void piece_complete(storage_ptr const& s, lt::piece_index_t piece);

	// Network thread: writes pieces that have grown old. Returns when to call it next; nothing: no piece
	// waits.
	std::optional<steady_time> write_old(steady_time now);

	// Any thread: libtorrent gave a block back, or the budget grew.
	void on_space();

	// Worker. Has what is dirty written, by the target's writers; calls `then` once every block that was
	// dirty before the call is written, or has failed. That may be in another worker, from which it must not
	// wait for anything.
	void flush_piece(storage_ptr const& s, lt::piece_index_t piece, std::function<void()> then);
	void flush_storage(storage_ptr const& s, std::function<void()> then);

	// Network thread: flush_storage() in a job of its own, of a target that holds its writes once it has
	// released them or has ended. write_old() looks at that, so it is to be called afterwards.
	void flush_once_released(storage_ptr const& s, std::function<void()> then);

	// Any thread: flush_storage() for every storage, each in a job of its own. From here on none is waited
	// for.
	void flush_all();

private:
	struct held_flush
	{
		storage_ptr storage;
		std::function<void()> then;
	};

	std::vector<held_flush> take_released();
	bool has_held_flushes() const;
	write_queue::takes takes_of(open_storage const& s) const;
	void start_writer(storage_ptr const& s, starts when);
	void start_writers(storage_ptr const& s);
	void wake_peers();
	void run_writer(open_storage& s);
	void write_chain_of(open_storage& s, write_chain const& chain);
	void write_came_again(open_storage& s, std::vector<block_ref> const& blocks);
	backpressure_marks marks_of(open_storage const& s) const;
	bool is_urgent(open_storage const& s) const { return s.pressure.is_urgent(s.unwritten, marks_of(s)); }

	storage_context& m_context;
	buffer_pool& m_buffers;
	block_cache& m_cache;
	completions& m_completions;
	disk_workers& m_workers;
	storage_table& m_storages;
	std::function<void()> m_on_space;
	std::atomic<bool> m_peers_wait{false}; // those of some storage
	mutable mutex m_mutex;
	std::vector<held_flush> m_held_flushes GUARDED_BY(m_mutex);
	bool m_is_ending GUARDED_BY(m_mutex) = false;
};

} // namespace rawswarm
