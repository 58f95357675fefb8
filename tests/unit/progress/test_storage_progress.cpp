// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/storage_progress.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace rawswarm
{

TEST(summarize_storage, nothing_done_is_all_zeros)
{
	disk_stats const stats;
	auto const p = summarize_storage(stats);
	EXPECT_EQ(p.pool, 0);
	EXPECT_EQ(p.cache_hit, 0);
	EXPECT_EQ(p.blocks_per_write, 0);
	EXPECT_EQ(p.p99_ms, 0);
}

TEST(summarize_storage, pool_use_is_in_shares_of_the_budget)
{
	disk_stats stats;
	stats.pool_blocks = 100;
	stats.pool_dirty = 10;
	stats.pool_writing = 20;
	stats.pool_clean = 30;
	stats.pool_reading = 5;
	stats.pool_handed_out = 25; // of those that are clean
	auto const p = summarize_storage(stats);
	EXPECT_DOUBLE_EQ(p.pool, 0.65);
	EXPECT_DOUBLE_EQ(p.dirty, 0.1);
	EXPECT_DOUBLE_EQ(p.writing, 0.2);
	EXPECT_DOUBLE_EQ(p.clean, 0.3);
	EXPECT_DOUBLE_EQ(p.handed_out, 0.25);
}

TEST(summarize_storage, counters_keep_their_places)
{
	disk_stats stats;
	stats.blocks_written = 640;
	stats.write_calls = 10;
	stats.sequential_writes = 7;
	stats.blocks_beyond_budget = 3;
	stats.blocks_read = 8;
	stats.blocks_read_from_cache = 6;
	stats.read_calls = 2;
	stats.blocks_read_ahead = 4;
	stats.blocks_hashed = 9;
	stats.blocks_sealed = 34;
	stats.blocks_read_back = 5;
	stats.blocks_packed = 21;
	stats.frames_unpacked = 22;
	stats.frames_from_device = 23;
	stats.peers_stopped = 7;
	stats.stopped_us = 2'500'999;
	auto const p = summarize_storage(stats);
	EXPECT_DOUBLE_EQ(p.blocks_per_write, 64);
	EXPECT_DOUBLE_EQ(p.cache_hit, 0.75);
	EXPECT_EQ(p.blocks_written, 640);
	EXPECT_EQ(p.write_calls, 10);
	EXPECT_EQ(p.sequential_writes, 7);
	EXPECT_EQ(p.random_writes, 3);
	EXPECT_EQ(p.written_through, 3);
	EXPECT_EQ(p.blocks_read, 8);
	EXPECT_EQ(p.read_calls, 2);
	EXPECT_EQ(p.read_ahead, 4);
	EXPECT_EQ(p.hashed, 9);
	EXPECT_EQ(p.sealed, 34);
	EXPECT_EQ(p.read_back, 5);
	EXPECT_EQ(p.packed, 21);
	EXPECT_EQ(p.unpacked, 22);
	EXPECT_EQ(p.stored_frames, 23);
	EXPECT_EQ(p.peers_stopped, 7);
	EXPECT_EQ(p.stopped_ms, 2500);
}

TEST(summarize_storage, calls_are_told_apart_by_their_kind)
{
	disk_stats stats;
	std::int64_t n = 0;
	auto& c = *stats.calls;
	for (auto* const counter :
		{&c.preadv, &c.pwritev, &c.fsync, &c.syncfs, &c.fallocate, &c.blkzeroout, &c.fadvise})
	{
		*counter = ++n;
	}
	auto const calls = summarize_storage(stats).calls;
	EXPECT_EQ(calls.preadv, 1);
	EXPECT_EQ(calls.pwritev, 2);
	EXPECT_EQ(calls.fsync, 3);
	EXPECT_EQ(calls.syncfs, 4);
	EXPECT_EQ(calls.fallocate, 5);
	EXPECT_EQ(calls.blkzeroout, 6);
	EXPECT_EQ(calls.fadvise, 7);
}

TEST(summarize_storage, flushes_are_told_apart_by_their_reason)
{
	disk_stats stats;
	std::int64_t n = 0;
	for (auto const reason : {flush_reason::full_run, flush_reason::piece_complete, flush_reason::age,
			 flush_reason::memory, flush_reason::stop})
	{
		stats.flushes.at(static_cast<std::size_t>(reason)) = ++n;
	}
	auto const f = summarize_storage(stats).flushes;
	EXPECT_EQ(f.full_run, 1);
	EXPECT_EQ(f.piece_complete, 2);
	EXPECT_EQ(f.age, 3);
	EXPECT_EQ(f.memory, 4);
	EXPECT_EQ(f.stop, 5);
}

TEST(summarize_storage, latencies_are_in_milliseconds)
{
	disk_stats stats;
	for (int i = 0; i < 98; ++i)
	{
		stats.write_latency.add(std::chrono::microseconds(500));
	}
	stats.write_latency.add(std::chrono::seconds(2));
	stats.write_latency.add(std::chrono::seconds(2));
	auto const p = summarize_storage(stats);
	EXPECT_GE(p.p50_ms, 0.5);
	EXPECT_LT(p.p50_ms, 0.6);
	EXPECT_GE(p.p99_ms, 2000);
	EXPECT_LT(p.p99_ms, 2400);
}

} // namespace rawswarm
