// SPDX-License-Identifier: BSD-3-Clause
#include "base/processor_time.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

// So much processor time, however long that takes.
void work(std::chrono::milliseconds const time)
{
	auto const begin = thread_time();
	while (thread_time() - begin < time)
	{}
}

} // namespace

TEST(processor_time, grows_with_the_time_that_the_thread_works)
{
	auto const begin = std::chrono::steady_clock::now();
	auto const program = program_time();
	work(100ms);
	EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms);
	EXPECT_GE(program_time() - program, 100ms);
}

TEST(processor_time, does_not_grow_while_the_thread_sleeps)
{
	auto const before = thread_time();
	std::this_thread::sleep_for(200ms);
	EXPECT_LT(thread_time() - before, 100ms);
}

TEST(processor_time, of_a_thread_leaves_out_what_others_do)
{
	auto const thread = thread_time();
	auto const program = program_time();
	std::thread([] { work(200ms); }).join();
	EXPECT_LT(thread_time() - thread, 100ms);
	EXPECT_GE(program_time() - program, 200ms);
}

} // namespace rawswarm
