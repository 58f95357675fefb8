// SPDX-License-Identifier: BSD-3-Clause
// The power fails at any moment. Everything that was reported safe before must be there: others copy from a
// target that reports done, and machines boot from it.
#include "tests/support/base/random_seed.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::disk_fixture;
using test::extents_of;

constexpr std::size_t piece_size = 64 * 1024;

std::vector<test::torrent_file> extents()
{
	return extents_of({5 * piece_size + 5000, 3 * piece_size + 123});
}

bool is_on_device(disk_fixture& f, int const piece, int const block)
{
	std::string there;
	for (auto const& part :
		f.target().extents().map(lt::piece_index_t{piece}, block * block_size, f.block_length(piece, block)))
	{
		there += f.device().bytes(part.offset->bytes, static_cast<std::size_t>(part.length));
	}
	return there == f.block(piece, block);
}

std::int64_t bytes_on_device(disk_fixture& f)
{
	std::int64_t sum = 0;
	for (int p = 0; p < f.pieces(); ++p)
	{
		for (int b = 0; b < f.blocks(p); ++b)
		{
			sum += is_on_device(f, p, b) ? f.block_length(p, b) : 0;
		}
	}
	return sum;
}

struct block_under_way
{
	int piece = 0;
	int block = 0;
	test::reply<lt::storage_error> reply;
};

// The device works until its n-th write, syncs between the pieces included.
TEST(power_cut, at_any_write_leaves_all_that_was_safe)
{
	bool cut = true;
	int n = 1;
	for (; cut; ++n)
	{
		SCOPED_TRACE(n);
		disk_fixture f(extents(), {.profile = {.max_blocks = 1}}); // so many writes whatever the threads do
		f.device().fail(device_call::write, n, EIO);
		std::vector<block_under_way> sent;
		std::vector<block_under_way> safe;
		std::int64_t synced = 0;
		for (int p = 0; p < f.pieces() && !f.target().failed(); ++p)
		{
			for (int b = 0; b < f.blocks(p); ++b)
			{
				sent.push_back({p, b, f.write_block(p, b)});
			}
			f.finish(f.hash(p));
			f.run_until([] { return true; });
			auto const written = [](block_under_way const& s) { return s.reply->value && !*s.reply->value; };
			std::vector<block_under_way> before;
			std::ranges::copy_if(sent, std::back_inserter(before), written);
			if (p % 2 == 1 && f.target().sync())
			{
				safe = before;
				synced = f.target().synced();
			}
		}
		f.finish(f.stop());
		cut = f.target().failed();
		f.device().crash();
		EXPECT_LE(synced, bytes_on_device(f));
		for (auto const& s : safe)
		{
			EXPECT_TRUE(is_on_device(f, s.piece, s.block)) << s.piece << " " << s.block;
		}
		EXPECT_FALSE(cut && f.target().complete());
	}
	EXPECT_GT(n, 32) << "every write had its turn";
}

// The agent syncs from a thread of its own, while blocks arrive.
TEST(power_cut, between_syncs_that_run_beside_the_writes_leaves_all_that_was_safe)
{
	std::mt19937 random(test::random_seed());
	for (int round = 0; round < 20; ++round)
	{
		SCOPED_TRACE(round);
		disk_fixture f(extents(), {.profile = {.max_blocks = 1}});
		std::atomic<bool> end{false};
		std::thread syncs([&] {
			do
			{
				EXPECT_TRUE(f.target().sync());
			} while (!end);
		});
		auto const stop_at = static_cast<int>(random() % std::size_t(f.pieces()));
		for (int p = 0; p <= stop_at; ++p)
		{
			f.write_piece(p);
			f.finish(f.hash(p));
		}
		end = true;
		syncs.join();
		auto const synced = f.target().synced(); // writes may be under way still
		f.device().crash();
		EXPECT_LE(synced, bytes_on_device(f));
		f.finish(f.stop());
	}
}

TEST(power_cut, during_a_sync_a_write_that_began_before_is_not_safe)
{
	disk_fixture f(extents());
	f.device().block(device_call::write);
	auto const writes = f.write_piece(0);
	f.finish(f.hash(0));
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	EXPECT_TRUE(f.target().sync());
	EXPECT_EQ(f.target().synced(), 0);
	f.device().release_all();
	f.finish(writes);
	EXPECT_EQ(f.target().synced(), 0) << "nobody synced since";
	EXPECT_TRUE(f.target().sync());
	EXPECT_EQ(f.target().synced(), static_cast<std::int64_t>(piece_size));
}

TEST(power_cut, write_that_ends_during_a_sync_is_not_safe)
{
	disk_fixture f(extents());
	f.device().block(device_call::sync);
	std::thread sync([&] { EXPECT_TRUE(f.target().sync()); });
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	auto const writes = f.write_piece(0);
	f.finish(f.stop());
	f.finish(writes);
	f.device().release_all();
	sync.join();
	EXPECT_EQ(f.target().synced(), 0);
}

} // namespace
} // namespace rawswarm
