// SPDX-License-Identifier: BSD-3-Clause
// Counted calls, against what the kernel itself has counted of a loop device.
#include "base/bytes.hpp"
#include "storage/device/device_calls.hpp"
#include "storage/device/file_device.hpp"
#include "storage/device/folder_device.hpp"
#include "storage/device/page_buffer.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/device_text.hpp"
#include "tests/support/device/loop_device.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>

namespace rawswarm
{

namespace
{

using test::value_of;

// Requests that the kernel has carried out for a block device (Documentation/block/stat.rst).
struct kernel_count
{
	std::int64_t reads = 0;
	std::int64_t writes = 0;
	std::int64_t written_sectors = 0;
	std::int64_t flushes = 0;

	static kernel_count of(std::string const& device)
	{
		std::ifstream file("/sys/class/block/" + device.substr(std::string("/dev/").size()) + "/stat");
		kernel_count c;
		std::int64_t other = 0;
		file >> c.reads >> other >> other >> other;
		file >> c.writes >> other >> c.written_sectors >> other;
		for (int i = 0; i < 7; ++i) // under way, times, and discards
		{
			file >> other;
		}
		file >> c.flushes;
		EXPECT_TRUE(file) << device;
		return c;
	}
};

constexpr std::size_t step = 64_KiB;
constexpr std::int64_t sectors_in_step = 128;

} // namespace

TEST(device_calls, direct_writes_reads_and_syncs_are_as_many_as_the_kernel_counts)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::loop_device const loop(16_MiB);
	auto const device = value_of(file_device::open(loop.path(), device_access::read_write));
	device->write_directly();
	ASSERT_TRUE(device->writes_directly());
	auto const calls = std::make_shared<device_calls>();
	device->count_calls(calls);
	auto const before = kernel_count::of(loop.path());
	page_buffer buffer(step);
	for (std::uint64_t const at : {5 * step, 0 * step, 9 * step})
	{
		iovec const whole{buffer.data(), step};
		ASSERT_TRUE(device->write(device_offset{at}, {&whole, 1}));
	}
	for (std::uint64_t const at : {0 * step, 5 * step})
	{
		ASSERT_TRUE(device->read_medium(device_offset{at}, {buffer.data(), step}));
	}
	auto const after = kernel_count::of(loop.path());
	EXPECT_EQ(calls->pwritev, 3);
	EXPECT_EQ(calls->pwritev, after.writes - before.writes);
	EXPECT_EQ(after.written_sectors - before.written_sectors, 3 * sectors_in_step);
	EXPECT_EQ(calls->preadv, 2);
	EXPECT_EQ(calls->preadv, after.reads - before.reads);
	ASSERT_TRUE(device->sync()); // counts as an empty write too
	EXPECT_EQ(calls->fsync, 1);
	EXPECT_EQ(calls->fsync, kernel_count::of(loop.path()).flushes - before.flushes);
	EXPECT_EQ(calls->blkzeroout, 0);
	ASSERT_TRUE(device->zero(device_offset{0}, 1_MiB));
	EXPECT_EQ(calls->blkzeroout, 1);
	EXPECT_EQ(calls->pwritev, 3) << "whole sectors take no write";
}

TEST(device_calls, a_folder_counts_those_of_its_files)
{
	test::temp_dir const dir;
	test::write_file(dir / "0", "first");
	test::write_file(dir / "1000", "second");
	auto const device = value_of(folder_device::open(dir.path()));
	auto const calls = std::make_shared<device_calls>();
	device->count_calls(calls);
	EXPECT_EQ(test::read_text(*device, 0, 5), "first");
	EXPECT_EQ(test::read_text(*device, 0x1000, 6), "second");
	EXPECT_EQ(calls->preadv, 2);
}

TEST(device_calls, zeros_of_an_image_are_a_hole)
{
	test::temp_dir const dir;
	auto const device = value_of(file_device::open_image(dir / "image", 1_MiB));
	auto const calls = std::make_shared<device_calls>();
	device->count_calls(calls);
	ASSERT_TRUE(device->zero(device_offset{0}, 1_MiB));
	EXPECT_EQ(calls->fallocate, 1);
	ASSERT_TRUE(device->sync());
	EXPECT_EQ(calls->fsync, 2) << "the file and, as it is new, its folder";
}

} // namespace rawswarm
