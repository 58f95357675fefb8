// SPDX-License-Identifier: BSD-3-Clause
// A target whose start is looked at before the rest is written.
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;
using test::disk_fixture;
using test::extents_of;

constexpr std::size_t piece_size = 64 * 1024;
constexpr std::uint64_t reach = 8192;

// Writes all pieces, last one first, and hashes them.
std::vector<test::reply<lt::storage_error>> write_backwards(disk_fixture& f)
{
	std::vector<test::reply<lt::storage_error>> written;
	for (int p = f.pieces(); p-- > 0;)
	{
		for (auto& block : f.write_piece(p))
		{
			written.push_back(std::move(block));
		}
		EXPECT_FALSE(f.finish(f.hash(p)).error);
	}
	return written;
}

TEST(held_writes, only_what_lies_before_the_offset_is_written_until_they_are_released)
{
	disk_fixture f(extents_of({8 * piece_size}));
	f.target().hold_writes_behind({reach});
	auto const written = write_backwards(f);
	EXPECT_TRUE(f.run_until([&f] { return f.target().has_below({reach}); }));
	std::this_thread::sleep_for(200ms); // longer than a piece may wait for others
	f.run_until([] { return true; });
	EXPECT_EQ(f.target().written(), static_cast<std::int64_t>(piece_size));
	f.target().release_writes();
	f.finish(written);
	EXPECT_TRUE(f.target().complete());
	EXPECT_TRUE(f.device_holds_image());
}

// The torrent has the files in another order than the device.
TEST(held_writes, piece_that_ends_before_the_offset_is_written_although_it_begins_behind)
{
	auto files = extents_of({7 * piece_size / 2, piece_size / 2}, 0);
	files.front().offset = 10 * piece_size;
	files.back().offset = 0; // the second half of the last piece
	disk_fixture f(files);
	f.target().hold_writes_behind({reach});
	auto const written = write_backwards(f);
	EXPECT_TRUE(f.run_until([&f] { return f.target().has_below({reach}); }));
	EXPECT_LT(f.target().written(), f.target().total());
	f.target().release_writes();
	f.finish(written);
}

TEST(held_writes, are_written_all_the_same_when_memory_runs_short)
{
	disk_fixture f(extents_of({64 * piece_size}), {.settings = {.memory = 1024 * 1024}});
	f.target().hold_writes_behind({reach});
	auto const written = write_backwards(f);
	EXPECT_TRUE(
		f.run_until([&f] { return f.target().written() > static_cast<std::int64_t>(32 * piece_size); }));
	f.target().release_writes();
	f.finish(f.release());
	f.finish(written);
}

// libtorrent flushes a torrent as soon as it is complete.
TEST(held_writes, flush_waits_until_they_are_released)
{
	disk_fixture f(extents_of({8 * piece_size}));
	f.target().hold_writes_behind({reach});
	auto const written = write_backwards(f);
	auto const flushed = f.release();
	EXPECT_TRUE(f.run_until([&f] { return f.target().has_below({reach}); }));
	std::this_thread::sleep_for(100ms);
	f.run_until([] { return true; });
	EXPECT_EQ(flushed->calls, 0);
	EXPECT_EQ(f.target().written(), static_cast<std::int64_t>(piece_size));
	f.target().release_writes();
	f.finish(flushed);
	f.finish(written);
	EXPECT_TRUE(f.target().complete());
}

TEST(held_writes, flush_ends_without_them_if_the_target_fails)
{
	disk_fixture f(extents_of({8 * piece_size}));
	f.target().hold_writes_behind({reach});
	auto const written = write_backwards(f);
	auto const flushed = f.release();
	EXPECT_TRUE(f.run_until([&f] { return f.target().has_below({reach}); }));
	f.target().fail(fail(fault::target, "a wrong table"));
	f.finish(flushed);
	f.finish(written);
	EXPECT_EQ(f.target().written(), static_cast<std::int64_t>(piece_size));
}

TEST(held_writes, are_written_and_their_flush_ends_when_the_torrent_stops)
{
	disk_fixture f(extents_of({8 * piece_size}));
	f.target().hold_writes_behind({reach});
	auto const written = write_backwards(f);
	auto const flushed = f.release();
	f.finish(f.stop());
	f.finish(flushed);
	f.finish(written);
	EXPECT_TRUE(f.target().complete());
}

// The end of the fixture sees to it that every handler is called.
TEST(held_writes, flush_that_waits_ends_with_the_backend)
{
	disk_fixture f(extents_of({8 * piece_size}));
	f.target().hold_writes_behind({reach});
	write_backwards(f);
	f.release();
}

TEST(held_writes, are_dropped_if_the_target_fails)
{
	disk_fixture f(extents_of({8 * piece_size}));
	f.target().hold_writes_behind({reach});
	auto const written = write_backwards(f);
	EXPECT_TRUE(f.run_until([&f] { return f.target().has_below({reach}); }));
	f.target().fail(fail(fault::target, "a wrong table"));
	f.finish(f.release());
	f.finish(written);
	EXPECT_EQ(f.target().written(), static_cast<std::int64_t>(piece_size));
	EXPECT_EQ(f.device().bytes(512 + piece_size, 1), std::string(1, test::memory_device::untouched_byte));
}

} // namespace
} // namespace rawswarm
