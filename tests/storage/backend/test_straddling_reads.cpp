// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/straddling_reads.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::disk_fixture;
using test::extents_of;

constexpr std::size_t one_mib = 1024 * 1024;

TEST(straddling_reads, of_a_device_that_hangs_leave_the_workers_beyond_its_readers_to_its_writes)
{
	constexpr int readers = 2;
	constexpr int workers = readers + 1;
	disk_fixture f(extents_of({one_mib}),
		{.settings = {.memory = 4 * one_mib, .io_threads = workers}, .profile = {.readers = readers}});
	f.put_image();
	f.device().block(device_call::read);
	int const start = 5000;
	std::vector<test::reply<test::read_reply>> reads;
	for (int p = 0; p < 2 * workers; ++p)
	{
		reads.push_back(f.read(p, start, block_size));
	}
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(readers));

	f.write_piece(f.pieces() - 1);
	auto const written = f.stop();
	EXPECT_TRUE(f.run_until([&] { return written->value.has_value(); })) << "no worker is left";

	f.device().release(device_call::read);
	for (int p = 0; p < 2 * workers; ++p)
	{
		EXPECT_EQ(f.finish(reads[static_cast<std::size_t>(p)]).bytes, f.piece(p).substr(start, block_size));
	}
}

} // namespace
} // namespace rawswarm
