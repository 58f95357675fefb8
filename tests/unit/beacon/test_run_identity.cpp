// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/run_identity.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace rawswarm
{

TEST(run_identity, run_ids_are_32_hex_digits_and_differ)
{
	auto const id = make_run_id();
	EXPECT_EQ(id.size(), 32u);
	EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
	EXPECT_NE(id, make_run_id());
}

TEST(run_identity, runs_of_one_boot_name_it_and_stand_in_the_order_of_their_starts)
{
	auto const boot = this_boot();
	EXPECT_EQ(boot.size(), 16U);
	EXPECT_EQ(boot.find_first_not_of("0123456789abcdef"), std::string::npos);
	EXPECT_EQ(boot, this_boot());
	auto const start = since_boot_ms();
	EXPECT_GT(start, 0);
	std::this_thread::sleep_for(std::chrono::milliseconds(2));
	EXPECT_GT(since_boot_ms(), start);
}

} // namespace rawswarm
