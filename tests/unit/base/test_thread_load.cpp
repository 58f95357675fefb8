// SPDX-License-Identifier: BSD-3-Clause
#include "base/thread_load.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

void work(std::chrono::milliseconds const time)
{
	auto const until = clock::now() + time;
	while (clock::now() < until)
	{}
}

} // namespace

TEST(thread_load, grows_with_the_time_that_the_thread_works)
{
	thread_load const load;
	auto const before = load.busy();
	work(100ms);
	EXPECT_GE(load.busy() - before, 80ms);
}

TEST(thread_load, does_not_grow_while_the_thread_sleeps)
{
	thread_load const load;
	auto const before = load.busy();
	std::this_thread::sleep_for(200ms);
	EXPECT_LT(load.busy() - before, 100ms);
}

TEST(thread_load, counts_the_time_in_which_others_have_the_processors)
{
	std::vector<std::thread> others;
	for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i)
	{
		others.emplace_back([] { work(600ms); });
	}
	thread_load const load;
	auto const begin = clock::now();
	auto const before = load.busy();
	work(500ms);
	auto const busy = load.busy() - before;
	EXPECT_GE(busy, (clock::now() - begin) * 8 / 10);
	for (auto& t : others)
	{
		t.join();
	}
}

} // namespace rawswarm
