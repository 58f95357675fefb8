// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/storage_progress.hpp"

#include <chrono>

namespace rawswarm
{

namespace
{

constexpr std::int64_t ns_in_ms = 1'000'000;

double share(std::int64_t const part, std::int64_t const whole)
{
	return whole == 0 ? 0 : double(part) / double(whole);
}

double milliseconds(std::chrono::microseconds const t)
{
	return std::chrono::duration<double, std::milli>(t).count();
}

} // namespace

storage_progress summarize_storage(disk_stats const& s)
{
	storage_progress p;
	p.pool = share(s.pool_dirty + s.pool_writing + s.pool_clean + s.pool_reading, s.pool_blocks);
	p.cache_hit = share(s.blocks_read_from_cache, s.blocks_read);
	p.blocks_per_write = share(s.blocks_written, s.write_calls);
	p.dirty = share(s.pool_dirty, s.pool_blocks);
	p.writing = share(s.pool_writing, s.pool_blocks);
	p.clean = share(s.pool_clean, s.pool_blocks);
	p.handed_out = share(s.pool_handed_out, s.pool_blocks);
	p.p50_ms = milliseconds(s.write_latency.quantile(0.5));
	p.p99_ms = milliseconds(s.write_latency.quantile(0.99));
	p.peers_stopped = s.peers_stopped;
	p.stopped_ms = s.stopped_us / 1000;
	p.blocks_written = s.blocks_written;
	p.write_calls = s.write_calls;
	p.sequential_writes = s.sequential_writes;
	p.random_writes = p.write_calls - p.sequential_writes;
	p.written_through = s.blocks_beyond_budget;
	p.blocks_read = s.blocks_read;
	p.read_calls = s.read_calls;
	p.read_ahead = s.blocks_read_ahead;
	p.hashed = s.blocks_hashed;
	p.sealed = s.blocks_sealed;
	p.packed = s.blocks_packed;
	p.unpacked = s.frames_unpacked;
	p.stored_frames = s.frames_from_device;
	p.read_back = s.blocks_read_back;
	p.flushes = {s.flushes_for(flush_reason::full_run), s.flushes_for(flush_reason::piece_complete),
		s.flushes_for(flush_reason::age), s.flushes_for(flush_reason::memory),
		s.flushes_for(flush_reason::stop)};
	auto const& c = *s.calls;
	p.calls = {c.preadv, c.pwritev, c.fsync, c.syncfs, c.fallocate, c.blkzeroout, c.fadvise};
	p.pool_blocks = s.pool_blocks;
	p.packing_ms = s.packing_ns / ns_in_ms;
	p.unpacking_ms = s.unpacking_ns / ns_in_ms;
	return p;
}

} // namespace rawswarm
