// SPDX-License-Identifier: BSD-3-Clause
// Zeros on a block device, and what the page cache has of it.
#include "base/bytes.hpp"
#include "storage/device/file_device.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/device_text.hpp"
#include "tests/support/device/loop_device.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace rawswarm
{

namespace
{

using test::read_text;
using test::value_of;
using test::write_text;

constexpr std::size_t sector = 512;

std::unique_ptr<file_device> opened(test::loop_device const& loop)
{
	return value_of(file_device::open(loop.path(), device_access::read_write));
}

} // namespace

TEST(zeroed_cache, old_bytes_that_were_cached_are_zeros_by_the_cache_and_on_the_medium)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::loop_device const loop(4_MiB);
	auto const device = opened(loop);
	ASSERT_TRUE(write_text(*device, 0, std::string(4_MiB, 'o')));
	ASSERT_TRUE(device->sync());
	auto const reader = value_of(file_device::open(loop.path(), device_access::read_only));
	ASSERT_EQ(read_text(*reader, 0, 4_MiB), std::string(4_MiB, 'o')) << "cached";
	ASSERT_TRUE(device->zero(device_offset{sector}, 3_MiB));
	auto expected = std::string(4_MiB, 'o');
	expected.replace(sector, 3_MiB, 3_MiB, '\0');
	EXPECT_TRUE(read_text(*reader, 0, 4_MiB) == expected);
	ASSERT_TRUE(device->sync());
	std::string medium(4_MiB, 'x');
	ASSERT_TRUE(device->read_medium(device_offset{0}, medium));
	EXPECT_TRUE(medium == expected);
}

// As a swarm's extents and the gaps between them do: one sector of a page is written while the next one
// becomes zeros, and others read both.
TEST(zeroed_cache, neighbours_in_a_page_that_are_written_meanwhile_undo_no_zeros_and_are_not_undone)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::loop_device const loop(8_MiB);
	auto const device = opened(loop);
	constexpr std::uint64_t stride = 64_KiB;
	ASSERT_TRUE(write_text(*device, 0, std::string(8_MiB, 'o')));
	ASSERT_TRUE(device->sync());
	std::atomic<bool> over{false};
	std::thread reader([&] {
		while (!over)
		{
			read_text(*device, 0, 1_MiB);
		}
	});
	std::thread writer([&] {
		for (std::uint64_t at = 0; at < 8_MiB; at += stride)
		{
			EXPECT_TRUE(write_text(*device, at, std::string(sector, 'n')));
		}
	});
	for (std::uint64_t at = 0; at < 8_MiB; at += stride)
	{
		EXPECT_TRUE(device->zero(device_offset{at + sector}, stride - sector));
	}
	writer.join();
	over = true;
	reader.join();
	std::string expected(8_MiB, '\0');
	for (std::uint64_t at = 0; at < 8_MiB; at += stride)
	{
		expected.replace(at, sector, sector, 'n');
	}
	EXPECT_TRUE(read_text(*device, 0, 8_MiB) == expected);
	ASSERT_TRUE(device->sync());
	std::string medium(8_MiB, 'x');
	ASSERT_TRUE(device->read_medium(device_offset{0}, medium));
	EXPECT_TRUE(medium == expected);
}

} // namespace rawswarm
