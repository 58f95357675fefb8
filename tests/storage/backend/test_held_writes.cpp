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

TEST(held_writes, are_written_all_the_same_when_memory_runs_short)
{
	disk_fixture f(extents_of({64 * piece_size}), {.settings = {.memory = 1024 * 1024}});
	f.target().hold_writes_behind({reach});
	auto const written = write_backwards(f);
	EXPECT_TRUE(
		f.run_until([&f] { return f.target().written() > static_cast<std::int64_t>(32 * piece_size); }));
	f.finish(f.release());
	f.finish(written);
}

TEST(held_writes, are_written_by_a_flush)
{
	disk_fixture f(extents_of({8 * piece_size}));
	f.target().hold_writes_behind({reach});
	auto const written = write_backwards(f);
	f.finish(f.release());
	f.finish(written);
	EXPECT_TRUE(f.target().complete());
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
