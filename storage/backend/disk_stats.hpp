// SPDX-License-Identifier: BSD-3-Clause
// Counters of the backend, and the present use of its memory. Any thread adds, any thread reads.
#pragma once

#include "storage/backend/latency_histogram.hpp"
#include "storage/device/device_calls.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace rawswarm
{

// Why a piece's blocks were written.
enum class flush_reason : std::uint8_t
{
	full_run, // max_blocks of them had gathered
	piece_complete,
	age, // the oldest had waited for the profile's timeout
	memory, // backpressure was urgent
	stop // the torrent stops, the piece is cleared or comes again, the session ends
};

inline constexpr std::size_t num_flush_reasons = 5;

struct disk_stats
{
	using counter = std::atomic<std::int64_t>;

	// These only ever grow.
	counter blocks_written{0}; // 16 KiB blocks that reached a device
	counter write_calls{0}; // runs, one vectored write each
	counter sequential_writes{0}; // of those: began where the one before it on the same target ended
	counter blocks_read{0}; // reads by peers
	counter blocks_read_from_cache{0}; // of those: answered from memory, with no read of the device for them
	counter blocks_read_ahead{0}; // read before any peer had asked for them
	counter read_calls{0}; // by those who read for peers, on hard disks pieces that are to be hashed as well
	counter blocks_hashed{0};
	counter blocks_sealed{0}; // checked by the seal of their piece, before it was first sent
	counter blocks_read_back{0}; // read from a device for hashing
	counter blocks_packed{0}; // compressed for a peer, or tried to
	counter frames_from_device{0}; // sent as they were stored
	counter frames_unpacked{0}; // that had arrived
	counter packing_ns{0}; // nanoseconds of workers
	counter unpacking_ns{0};
	counter blocks_beyond_budget{0}; // taken when they arrived, although the pool was exhausted
	counter peers_stopped{0}; // times that a peer began to wait for a target
	counter stopped_us{0}; // microseconds during which at least one peer had to wait
	std::array<counter, num_flush_reasons> flushes{}; // pieces written, by flush_reason
	latency_histogram write_latency; // from a block's arrival to its end on the device

	// Of all devices together. Shared with them, as a device may outlive the counters.
	std::shared_ptr<device_calls> const calls = std::make_shared<device_calls>();

	// These are present numbers: blocks of the pool.
	counter pool_blocks{0}; // the budget
	counter pool_dirty{0};
	counter pool_writing{0};
	counter pool_clean{0};
	counter pool_reading{0};
	counter pool_handed_out{0}; // referenced by libtorrent; most of them are clean as well

	std::int64_t flushes_for(flush_reason const r) const
	{
		return flushes.at(static_cast<std::size_t>(r)).load(std::memory_order_relaxed);
	}
};

} // namespace rawswarm
