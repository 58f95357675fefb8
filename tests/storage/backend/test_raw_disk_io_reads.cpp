// SPDX-License-Identifier: BSD-3-Clause
// Reads: from memory, from the device, ahead, and together.
#include "storage/backend/raw_disk_io.hpp"
#include "tests/support/device/device_place.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::device_place;
using test::disk_fixture;
using test::extents_of;

constexpr std::size_t one_mib = 1024 * 1024;

TEST(raw_disk_io, block_is_read_before_it_is_on_the_device)
{
	disk_fixture f(extents_of({one_mib}));
	f.device().block(device_call::write);
	auto const writes = f.write_piece(1);
	EXPECT_EQ(f.finish(f.read(1, block_size, block_size)).bytes, f.block(1, 1)) << "dirty";
	auto const hash = f.hash(1); // starts the write
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	EXPECT_EQ(f.finish(f.read(1, 2 * block_size, block_size)).bytes, f.block(1, 2)) << "being written";
	EXPECT_EQ(f.finish(f.read(1, 0, 100)).bytes, f.piece(1).substr(0, 100)) << "a part of a block";
	f.finish(hash);
	EXPECT_FALSE(writes[0]->value) << "a write has ended only when it is on the device";
	f.device().release_all();
	f.finish(writes);
	EXPECT_EQ(f.finish(f.read(1, 3 * block_size, block_size)).bytes, f.block(1, 3)) << "clean";
	EXPECT_EQ(f.device().count(device_call::read), 0);
}

TEST(raw_disk_io, read_may_straddle_a_block_in_memory_and_one_on_the_device)
{
	disk_fixture f(extents_of({one_mib}));
	int const start = 5000;
	auto const expected = [&](int const p) { return f.piece(p).substr(start, block_size); };

	f.device().put(device_place(0, block_size), f.block(0, 1));
	f.write_block(0, 0);
	EXPECT_EQ(f.finish(f.read(0, start, block_size)).bytes, expected(0));

	f.device().put(device_place(1, 0), f.block(1, 0));
	f.write_block(1, 1);
	EXPECT_EQ(f.finish(f.read(1, start, block_size)).bytes, expected(1));

	f.write_piece(2);
	EXPECT_EQ(f.finish(f.read(2, start, block_size)).bytes, expected(2)) << "both in memory";
	EXPECT_EQ(f.device().count(device_call::read), 2);
}

TEST(raw_disk_io, block_that_was_read_is_kept_unless_it_is_volatile)
{
	disk_fixture f(extents_of({one_mib}));
	f.put_image();
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	EXPECT_EQ(f.device().count(device_call::read), 1);
	f.finish(f.read(1, 0, block_size, lt::disk_interface::volatile_read));
	f.finish(f.read(1, 0, block_size, lt::disk_interface::volatile_read));
	EXPECT_EQ(f.device().count(device_call::read), 3);
}

TEST(raw_disk_io, blocks_that_follow_are_read_along_and_each_block_once)
{
	disk_fixture f(extents_of({one_mib}));
	f.put_image();
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	for (int const b : {1, 2, 3})
	{
		EXPECT_EQ(f.finish(f.read(0, b * block_size, block_size)).bytes, f.block(0, b));
	}
	EXPECT_EQ(f.device().count(device_call::read), 1);
	EXPECT_EQ(f.stats().blocks_read_ahead, 3);
	EXPECT_EQ(f.stats().blocks_read_from_cache, 3);
}

TEST(raw_disk_io, peers_that_ask_for_the_same_block_share_one_read)
{
	disk_fixture f(extents_of({one_mib}));
	f.put_image();
	f.device().block(device_call::read);
	auto const first = f.read(0, 0, block_size);
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	auto const second = f.read(0, 0, 100);
	auto const third = f.read(0, block_size, block_size); // which is read ahead
	f.device().release_all();
	EXPECT_EQ(f.finish(first).bytes, f.block(0, 0));
	EXPECT_EQ(f.finish(second).bytes, f.block(0, 0).substr(0, 100));
	EXPECT_EQ(f.finish(third).bytes, f.block(0, 1));
	EXPECT_EQ(f.device().count(device_call::read), 1);
}

TEST(raw_disk_io, reads_that_wait_come_in_the_order_of_the_device)
{
	disk_fixture f(extents_of({one_mib}), {.profile = {.readers = 1, .read_ahead_blocks = 0}});
	f.put_image();
	f.device().block(device_call::read);
	std::vector<test::reply<test::read_reply>> reads{f.read(3, 0, block_size)};
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	for (int const p : {9, 1, 5, 2})
	{
		reads.push_back(f.read(p, 0, block_size));
	}
	f.device().release_all();
	f.finish(reads);
	std::vector<std::uint64_t> offsets;
	for (auto const& call : f.device().log())
	{
		offsets.push_back(call.offset);
	}
	EXPECT_EQ(offsets,
		(std::vector{device_place(3, 0), device_place(5, 0), device_place(9, 0), device_place(1, 0),
			device_place(2, 0)}));
}

TEST(raw_disk_io, block_written_while_it_is_read_is_seen_by_later_reads)
{
	disk_fixture f(extents_of({one_mib}), {.settings = {.memory = 0}, .profile = {.read_ahead_blocks = 0}});
	f.device().block(device_call::read);
	auto const old = f.read(0, 0, block_size);
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	auto const writes = f.write_piece(0);
	f.finish(f.stop());
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	f.device().release_all();
	f.finish(old);
	// whether the older copy was kept or not, it answers nothing
	for (int p = 1; p < 16; ++p)
	{
		f.write_piece(p);
		f.finish(f.stop());
	}
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	f.finish(writes);
}

} // namespace
} // namespace rawswarm
