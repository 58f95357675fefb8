// SPDX-License-Identifier: BSD-3-Clause
// A device sees no more writes and reads at once than its profile allows, whatever they are for.
#include "storage/backend/turns.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::disk_fixture;
using test::extents_of;

constexpr std::size_t mib = 1024 * 1024;
constexpr std::chrono::milliseconds slow{2};

// One block in each other piece, none of which is ready to be written.
std::vector<test::reply<lt::storage_error>> write_partial_pieces(disk_fixture& f)
{
	std::vector<test::reply<lt::storage_error>> writes;
	for (int p = 0; p < f.pieces(); p += 2)
	{
		writes.push_back(f.write_block(p, 0));
	}
	return writes;
}

test::disk_options with(int const writers, int const readers)
{
	return {.settings = {.memory = 4 * mib, .io_threads = 4, .hash_threads = 4},
		.profile = {.writers = writers,
			.readers = readers,
			.min_blocks = 1,
			.timeout = std::chrono::hours(1),
			.read_ahead_blocks = 0}};
}

TEST(device_limits, pieces_that_are_cleared_are_written_by_the_writers_alone)
{
	disk_fixture f(extents_of({2 * mib}), with(1, 1));
	f.device().linger(slow);
	auto const writes = write_partial_pieces(f);
	std::vector<test::reply<test::nothing>> cleared;
	for (int p = 0; p < f.pieces(); p += 2)
	{
		cleared.push_back(f.clear(p));
	}
	f.finish(cleared);
	f.finish(writes);
	EXPECT_EQ(f.device().count(device_call::write), f.pieces() / 2);
	EXPECT_EQ(f.device().most_at_once(device_call::write), 1);
}

TEST(device_limits, flushes_of_a_torrent_that_stops_use_all_the_writers_and_no_more)
{
	disk_fixture f(extents_of({2 * mib}), with(3, 1));
	f.device().block(device_call::write);
	auto const writes = write_partial_pieces(f);
	std::vector<test::reply<test::nothing>> flushed;
	for (int i = 0; i < 4; ++i)
	{
		flushed.push_back(f.release());
	}
	flushed.push_back(f.stop());
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(3));
	f.device().linger(slow);
	f.device().release_all();
	f.finish(flushed);
	f.finish(writes);
	EXPECT_EQ(f.device().most_at_once(device_call::write), 3);
	EXPECT_EQ(f.target().written(), f.pieces() / 2 * std::int64_t(block_size));
}

TEST(device_limits, reads_for_hashes_count_among_those_for_peers)
{
	for (int const readers : {1, 2})
	{
		SCOPED_TRACE(readers);
		disk_fixture f(extents_of({2 * mib}), with(2, readers));
		f.put_image();
		f.device().linger(slow);
		std::vector<test::reply<test::hash_reply>> hashes;
		std::vector<test::reply<test::read_reply>> reads;
		for (int p = 0; p < f.pieces(); p += 2)
		{
			hashes.push_back(f.hash(p));
			reads.push_back(f.read(p + 1, 0, block_size));
			reads.push_back(f.read(p + 1, 100, block_size)); // in two blocks
		}
		f.finish(hashes);
		f.finish(reads);
		EXPECT_EQ(f.device().most_at_once(device_call::read), readers);
	}
}

TEST(turns, are_no_more_than_the_limit)
{
	turns t;
	std::atomic<int> now{0};
	std::atomic<int> most{0};
	std::vector<std::thread> threads;
	for (int i = 0; i < 8; ++i)
	{
		threads.emplace_back([&] {
			for (int k = 0; k < 200; ++k)
			{
				t.begin([] { return 3; });
				int const here = ++now;
				for (int seen = most; seen < here && !most.compare_exchange_weak(seen, here);)
				{}
				std::this_thread::yield();
				--now;
				t.end();
			}
		});
	}
	for (auto& thread : threads)
	{
		thread.join();
	}
	EXPECT_LE(most, 3);
}

TEST(turns, as_many_as_the_limit_go_on_at_once_and_one_where_it_is_none)
{
	for (int const limit : {3, 1, 0})
	{
		turns t;
		std::barrier meeting(std::max(1, limit)); // nobody passes it alone
		std::vector<std::jthread> threads;
		for (int i = 0; i < 6; ++i)
		{
			threads.emplace_back([&] {
				t.begin([limit] { return limit; });
				meeting.arrive_and_wait();
				t.end();
			});
		}
	}
}

} // namespace
} // namespace rawswarm
