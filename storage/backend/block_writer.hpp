// SPDX-License-Identifier: BSD-3-Clause
// Takes blocks from the swarm, decides when they are written, and writes them.
//
// A piece's blocks are written when max_blocks of them have gathered, when the piece is complete, when the
// oldest has waited for the profile's timeout and the device has nothing better to do, when backpressure is
// urgent, and when the torrent stops. write_queue decides which piece comes next; as many writers are at work
// for a target as its profile says. With no block of the pool left the caller's own buffer is written at
// once: that stalls the network, but memory stays within its budget and nothing can wait for itself.
#pragma once

#include "storage/backend/backpressure.hpp"
#include "storage/backend/block_cache.hpp"
#include "storage/backend/completions.hpp"
#include "storage/backend/disk_workers.hpp"
#include "storage/backend/open_storage.hpp"
#include "storage/backend/storage_context.hpp"

#include <libtorrent/peer_request.hpp>

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

	// Network thread. Copies the block; the handler is posted once it is on the device, or has failed. False
	// if the block was written at once and is not in memory.
	bool write(storage_ptr const& s, lt::peer_request const& r, char const* buf, write_handler handler);

	// Network thread, after write(). True if the peer has to wait for the observer.
	bool has_to_wait(storage_ptr const& s, std::shared_ptr<lt::disk_observer> const& observer);

	// Network thread: the piece has all its blocks.
	void piece_complete(storage_ptr const& s, lt::piece_index_t piece);

	// Network thread: writes pieces that have grown old. Returns when to call it next; nothing: no piece
	// waits.
	std::optional<steady_time> write_old(steady_time now);

	// Any thread: libtorrent gave a block back, or the budget grew.
	void on_space();

	// Worker. Returns when every block that was dirty before the call is written, or has failed.
	void flush_piece(open_storage& s, lt::piece_index_t piece);
	void flush_storage(open_storage& s);
	void flush_all();

private:
	void write_through(open_storage& s, lt::peer_request const& r, char const* buf, write_handler handler);
	enum class starts : bool
	{
		with_batch, // at the network thread's next submit; network thread only
		at_once
	};

	void start_writer(storage_ptr const& s, starts when);
	void start_writers(starts when);
	void wake_peers();
	void run_writer(open_storage& s);
	void write_chain_of(open_storage& s, write_chain const& chain);
	int write_capacity() const { return m_buffers.capacity() - m_buffers.handed_out(); }
	bool is_urgent() const { return m_backpressure.is_urgent(m_cache.unwritten(), write_capacity()); }

	storage_context& m_context;
	buffer_pool& m_buffers;
	block_cache& m_cache;
	completions& m_completions;
	disk_workers& m_workers;
	storage_table& m_storages;
	std::function<void()> m_on_space;
	backpressure m_backpressure;
};

} // namespace rawswarm
