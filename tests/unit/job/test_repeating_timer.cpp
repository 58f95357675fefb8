// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/repeating_timer.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

} // namespace

TEST(repeating_timer, calls_again_and_again_until_it_is_stopped)
{
	boost::asio::io_context ios;
	int calls = 0;
	repeating_timer timer(ios, 1ms, [&] {
		if (++calls == 3)
		{
			timer.stop();
		}
	});
	timer.start();
	EXPECT_EQ(calls, 0);
	ios.run_for(5s); // returns as soon as nothing is left to wait for
	EXPECT_EQ(calls, 3);
}

TEST(repeating_timer, a_wait_that_has_ended_already_is_stopped_as_well)
{
	boost::asio::io_context ios;
	int calls = 0;
	repeating_timer second(ios, 1ms, [&] { ++calls; });
	repeating_timer first(ios, 1ms, [&] {
		first.stop();
		second.stop();
	});
	first.start();
	second.start();
	std::this_thread::sleep_for(20ms); // both expire before either handler runs
	ios.run_for(5s);
	EXPECT_EQ(calls, 0);
}

} // namespace rawswarm
