// Takes blocks from the swarm, decides when they are written, and writes them.
//
// A block is written when its piece has gathered profile.max_blocks of them, when the piece is
// hashed, when its torrent stops or when memory asks. Above the high watermark peers are told to wait,
// and woken below the low one. With no block of the pool left the caller's own buffer is written at
// once: that stalls the network, but memory stays within its budget and nothing can wait for itself.
#pragma once

#include "storage/block_cache.hpp"
#include "storage/completion_queue.hpp"
#include "storage/disk_workers.hpp"
#include "storage/pressure.hpp"
#include "storage/storage_context.hpp"
#include "storage/target_table.hpp"

#include <libtorrent/peer_request.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace rawswarm
{

class block_writer
{
public:
	// on_room: called by a worker after each write, when blocks may have become free to be given up.
	block_writer(storage_context& context, buffer_pool& buffers, block_cache& cache,
		completion_queue& completions, disk_workers& workers, target_table& targets,
		std::function<void()> on_room);

	// Network thread. Copies the block; the handler is posted once it is on the device, or failed.
	// True if the peer has to wait for the observer.
	bool write(std::uint32_t storage, lt::peer_request const& r, char const* buf,
		std::shared_ptr<lt::disk_observer> const& observer, write_handler handler);

	// Network thread. Starts to write a piece, with those that wait already.
	void queue_flush(piece_key key);

	// Worker. Returns when nothing that was dirty before is dirty any more.
	void flush_piece(piece_key key);
	void flush_storage(std::uint32_t storage);
	void flush_all();

private:
	void write_through(
		std::uint32_t storage, lt::peer_request const& r, char const* buf, write_handler handler);
	void flush_queued();
	void relieve_memory();
	void write_dirty(std::vector<piece_key> const& keys);
	void after_write();

	storage_context& m_context;
	buffer_pool& m_buffers;
	block_cache& m_cache;
	completion_queue& m_completions;
	disk_workers& m_workers;
	target_table& m_targets;
	std::function<void()> m_on_room;
	pressure m_pressure;

	std::mutex m_mutex;
	std::vector<piece_key> m_flush_queue;
	std::atomic<bool> m_relief_queued{false};
};

} // namespace rawswarm
