// SPDX-License-Identifier: BSD-3-Clause
// The counters must add up to the work that was done.
#include "tests/support/base/random_seed.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>
#include <libtorrent/performance_counters.hpp>

#include <chrono>
#include <cstdint>
#include <numeric>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::disk_fixture;
using test::extents_of;

constexpr std::size_t mib = 1024 * 1024;

std::int64_t all_flushes(disk_stats const& s)
{
	return std::accumulate(s.flushes.begin(), s.flushes.end(), std::int64_t(0),
		[](std::int64_t const sum, disk_stats::counter const& n) { return sum + n.load(); });
}

// No block is being read or written.
void expect_pool_adds_up(disk_fixture& f)
{
	auto const& s = f.stats();
	EXPECT_EQ(s.pool_dirty, 0);
	EXPECT_EQ(s.pool_writing, 0);
	EXPECT_EQ(s.pool_reading, 0);
	EXPECT_EQ(s.pool_handed_out, 0);
	EXPECT_EQ(s.pool_clean, f.blocks_in_use());
	EXPECT_LE(s.pool_clean, s.pool_blocks);
}

TEST(disk_stats, every_reason_to_write_is_counted_as_itself)
{
	for (auto const reason :
		{flush_reason::full_run, flush_reason::piece_complete, flush_reason::age, flush_reason::stop})
	{
		SCOPED_TRACE(int(reason));
		bool const is_age = reason == flush_reason::age;
		disk_fixture f(extents_of({mib}),
			{.profile = {.max_blocks = reason == flush_reason::full_run ? 4 : 64,
				 .min_blocks = 1,
				 .timeout = is_age ? std::chrono::milliseconds(1) : std::chrono::hours(1)}});
		auto const writes = f.write_piece(0);
		if (reason == flush_reason::piece_complete)
		{
			f.hash(0);
		}
		if (reason == flush_reason::stop)
		{
			f.stop();
		}
		f.finish(writes);
		EXPECT_EQ(f.stats().flushes_for(reason), 1);
		EXPECT_EQ(all_flushes(f.stats()), 1);
		EXPECT_EQ(f.stats().blocks_written, 4);
		EXPECT_EQ(f.stats().write_calls, f.device().count(device_call::write));
	}
}

// Which is which is counted once more from the device's own log.
TEST(disk_stats, a_write_is_sequential_where_it_goes_on_from_the_one_before)
{
	disk_fixture f(extents_of({mib}), {.profile = {.writers = 1}});
	for (int const piece : {3, 4, 5, 9, 10, 1, 0, 2, 15})
	{
		auto const written = f.write_piece(piece);
		f.finish(f.hash(piece));
		f.finish(written); // before the next one, so that no two become one write
	}
	std::int64_t sequential = 0;
	std::int64_t all = 0;
	std::uint64_t end = 0;
	for (auto const& call : f.device().log())
	{
		if (call.kind == device_call::write)
		{
			sequential += call.offset == end ? 1 : 0;
			end = call.offset + call.length;
			++all;
		}
	}
	EXPECT_EQ(all, 9);
	EXPECT_EQ(sequential, 3) << "4, 5 and 10";
	EXPECT_EQ(f.stats().write_calls, all);
	EXPECT_EQ(f.stats().sequential_writes, sequential);
}

// What is no hit is one read of the device each, which the device counts, as nothing is read ahead or shared.
TEST(disk_stats, a_read_counts_as_answered_from_memory_if_the_device_was_not_read_for_it)
{
	disk_fixture f(extents_of({mib}), {.profile = {.readers = 1, .read_ahead_blocks = 0}});
	f.put_image();
	f.finish(f.read(0, 0, block_size)); // from the device
	f.finish(f.read(0, 0, block_size));
	f.finish(f.read(0, 100, 200));
	f.write_piece(1);
	f.finish(f.read(1, 5000, block_size)); // in two blocks, both in memory

	f.device().block(device_call::read);
	auto const first = f.read(2, 0, block_size);
	auto const second = f.read(3, 0, block_size);
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	f.write_block(3, 0); // comes while its read waits for the other one
	f.device().release_all();
	f.finish(first);
	EXPECT_EQ(f.finish(second).bytes, f.block(3, 0));

	EXPECT_EQ(f.stats().blocks_read, 6);
	EXPECT_EQ(f.stats().blocks_read_from_cache, f.stats().blocks_read - f.device().count(device_call::read));
	EXPECT_EQ(f.stats().blocks_read_from_cache, 4);
	EXPECT_EQ(f.stats().read_calls, f.device().count(device_call::read));
}

TEST(disk_stats, blocks_that_were_evicted_count_as_read_back_as_often_as_the_device_returned_them)
{
	disk_fixture f(extents_of({mib}));
	f.put_image();
	auto const written = f.write_piece(0);
	f.finish(f.hash(0));
	f.finish(written);
	EXPECT_EQ(f.stats().blocks_hashed, 4);
	EXPECT_EQ(f.stats().blocks_read_back, 0) << "all in memory";
	f.finish(f.clear(0));
	f.finish(f.hash(0));
	f.finish(f.hash(5));
	f.finish(f.hash2(6, block_size));
	std::int64_t returned = 0; // bytes
	for (auto const& call : f.device().log())
	{
		returned += call.kind == device_call::read ? static_cast<std::int64_t>(call.length) : 0;
	}
	EXPECT_EQ(f.stats().blocks_read_back, 9);
	EXPECT_EQ(f.stats().blocks_read_back * block_size, returned);
	EXPECT_EQ(f.stats().blocks_hashed, 13);
	EXPECT_EQ(f.stats().read_calls, 0) << "they are for peers";
}

TEST(disk_stats, blocks_and_pool_add_up_after_random_operations)
{
	std::mt19937 random(test::random_seed());
	for (std::size_t const memory : {std::size_t(0), 8 * mib})
	{
		SCOPED_TRACE(memory);
		disk_fixture f(extents_of({2 * mib, mib + 777}), {.settings = {.memory = memory}});
		std::vector<test::reply<lt::storage_error>> writes;
		std::set<std::pair<int, int>> places; // that were written
		std::vector<test::reply<test::read_reply>> reads;
		std::vector<test::reply<test::hash_reply>> hashes; // hold blocks that they read back
		for (int i = 0; i < 1500; ++i)
		{
			auto const piece = static_cast<int>(random() % std::size_t(f.pieces()));
			auto const block = static_cast<int>(random() % std::size_t(f.blocks(piece)));
			switch (random() % 6)
			{
			case 0: reads.push_back(f.read(piece, block * block_size, f.block_length(piece, block))); break;
			case 1: hashes.push_back(f.hash(piece)); break;
			case 2: f.finish(f.clear(piece)); break;
			default:
				writes.push_back(f.write_block(piece, block));
				places.insert({piece, block});
				break;
			}
			f.submit();
		}
		f.finish(f.stop());
		f.finish(writes);
		f.finish(reads);
		f.finish(hashes);
		f.finish(f.stop());

		auto const& s = f.stats();
		// one that came again before it was written took the place of the older one
		EXPECT_LE(s.blocks_written, static_cast<std::int64_t>(writes.size()));
		EXPECT_GE(s.blocks_written, static_cast<std::int64_t>(places.size()));
		EXPECT_EQ(s.write_latency.count(), s.blocks_written);
		EXPECT_EQ(s.write_calls, f.device().count(device_call::write));
		EXPECT_GE(all_flushes(s), 1);
		EXPECT_LE(all_flushes(s), s.write_latency.count()) << "each wrote a block at least";
		EXPECT_EQ(s.blocks_read, static_cast<std::int64_t>(reads.size()));
		EXPECT_LE(s.blocks_read_from_cache, s.blocks_read);
		EXPECT_TRUE(f.run_until([&] { return s.pool_reading == 0 && s.pool_handed_out == 0; }));
		expect_pool_adds_up(f);

		lt::counters c;
		f.io().update_stats_counters(c);
		EXPECT_EQ(c[lt::counters::num_blocks_written], s.blocks_written);
		EXPECT_EQ(c[lt::counters::num_write_ops], s.write_calls);
		EXPECT_EQ(c[lt::counters::num_blocks_read], s.blocks_read);
		EXPECT_EQ(c[lt::counters::num_blocks_hashed], s.blocks_hashed);
		EXPECT_EQ(c[lt::counters::num_read_back], s.blocks_read_back);
		EXPECT_EQ(c[lt::counters::queued_write_bytes], 0);
	}
}

TEST(disk_stats, blocks_that_fail_are_not_counted_as_written_and_leave_the_pool)
{
	disk_fixture f(extents_of({mib}));
	f.device().fail(device_call::write, 3, EIO);
	std::vector<test::reply<lt::storage_error>> writes;
	for (int p = 0; p < f.pieces(); ++p)
	{
		for (auto const& w : f.write_piece(p))
		{
			writes.push_back(w);
		}
		f.finish(f.stop());
	}
	std::int64_t good = 0;
	for (auto const& w : writes)
	{
		good += f.finish(w) ? 0 : 1;
	}
	EXPECT_EQ(good, 8);
	EXPECT_EQ(f.stats().blocks_written, good);
	expect_pool_adds_up(f);
}

} // namespace
} // namespace rawswarm
