// What the backend did so far. Counters only ever grow; any thread adds, any thread reads.
#pragma once

#include <atomic>
#include <cstdint>

namespace rawswarm
{

struct disk_stats
{
	std::atomic<std::int64_t> blocks_written{0}; // 16 KiB blocks that reached a device
	std::atomic<std::int64_t> write_calls{0}; // runs, one vectored write each
	std::atomic<std::int64_t> blocks_read{0}; // blocks that were read for a peer
	std::atomic<std::int64_t> blocks_read_from_cache{0}; // of those, answered from memory
	std::atomic<std::int64_t> read_calls{0};
	std::atomic<std::int64_t> blocks_hashed{0};
	std::atomic<std::int64_t> blocks_read_back{0}; // read from a device for hashing
	std::atomic<std::int64_t> blocks_written_through{0}; // the pool was exhausted
	std::atomic<std::int64_t> peers_stopped{0}; // times that a peer was told to wait
};

} // namespace rawswarm
