// SPDX-License-Identifier: BSD-3-Clause
// Errors reach their handlers, and end the target or not.
#include "storage/backend/raw_disk_io.hpp"
#include "tests/support/device/disk_fixture.hpp"
#include "tests/support/device/expect_storage_error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::disk_fixture;
using test::expect_storage_error;
using test::extents_of;

constexpr std::size_t one_mib = 1024 * 1024;

TEST(raw_disk_io, write_error_reaches_its_blocks_and_ends_the_target)
{
	disk_fixture f(extents_of({one_mib}));
	f.device().fail(device_call::write, 1, ENOSPC);
	auto const writes = f.write_piece(0);
	f.finish(f.stop());
	for (auto const& w : writes)
	{
		expect_storage_error(f.finish(w), ENOSPC, lt::operation_t::file_write);
	}
	EXPECT_EQ(f.target_errors(), 1);
	EXPECT_TRUE(f.target().failed());

	auto const later = f.write_piece(1);
	f.finish(f.stop());
	for (auto const& w : later)
	{
		expect_storage_error(f.finish(w), ENOSPC, lt::operation_t::file_write);
	}
	EXPECT_EQ(f.device().count(device_call::write), 1) << "nothing is written after an error";
	EXPECT_EQ(f.target_errors(), 1);
	EXPECT_EQ(f.target().written(), 0);
	EXPECT_EQ(f.blocks_in_use(), 0);
}

TEST(raw_disk_io, write_error_of_one_run_leaves_blocks_of_the_runs_before)
{
	// two extents with a gap: two runs, and block 1 lies in both
	disk_fixture f(extents_of({20'000, 100'000}));
	f.device().fail(device_call::write, 2, EIO);
	auto const writes = f.write_piece(0);
	f.finish(f.stop());
	EXPECT_FALSE(f.finish(writes[0]));
	for (std::size_t const b : {1U, 2U, 3U})
	{
		expect_storage_error(f.finish(writes[b]), EIO, lt::operation_t::file_write);
	}
	EXPECT_EQ(f.target().written(), block_size);
}

TEST(raw_disk_io, read_error_reaches_its_handler_and_ends_the_target)
{
	disk_fixture f(extents_of({one_mib}), {.profile = {.read_ahead_blocks = 0}});
	f.put_image();
	f.device().fail(device_call::read, 1, EIO);
	auto const& r = f.finish(f.read(0, 0, block_size));
	expect_storage_error(r.error, EIO, lt::operation_t::file_read);
	EXPECT_TRUE(r.bytes.empty());
	EXPECT_EQ(f.target_errors(), 1);
	EXPECT_EQ(f.blocks_in_use(), 0);
}

TEST(raw_disk_io, read_error_in_a_block_that_is_read_ahead_ends_nothing)
{
	disk_fixture f(extents_of({one_mib}));
	f.put_image();
	f.device().fail(device_call::read, 1, EIO); // that of all the four blocks
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	EXPECT_FALSE(f.target().failed());
}

TEST(raw_disk_io, read_error_while_hashing_reaches_its_handler_and_ends_the_target)
{
	disk_fixture f(extents_of({one_mib}));
	f.device().fail(device_call::read, 1, EIO);
	expect_storage_error(f.finish(f.hash(0)).error, EIO, lt::operation_t::file_read);
	f.device().fail(device_call::read, 1, ENXIO);
	expect_storage_error(f.finish(f.hash2(0, 0)).error, ENXIO, lt::operation_t::file_read);
	EXPECT_EQ(f.target_errors(), 1);
	EXPECT_EQ(f.target().first_error()->ec, system_error(EIO));
}

} // namespace
} // namespace rawswarm
