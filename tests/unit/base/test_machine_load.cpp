// SPDX-License-Identifier: BSD-3-Clause
#include "base/machine_load.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace rawswarm
{

using namespace std::chrono_literals;

TEST(machine_load, is_the_mean_of_the_processors_without_idle_and_nice_time)
{
	auto const text = "cpu  100 2000 30 40000 500000 6 7 1 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n";
	EXPECT_EQ(machine_load::busy(text, 1, 100), std::optional(1440ms));
	EXPECT_EQ(machine_load::busy(text, 4, 100), std::optional(360ms));
}

TEST(machine_load, is_not_known_from_another_text)
{
	EXPECT_EQ(machine_load::busy("", 1, 100), std::nullopt);
	EXPECT_EQ(machine_load::busy("cpu  1 2 3\n", 1, 100), std::nullopt);
	EXPECT_EQ(machine_load::busy("cpu0 1 2 3 4 5 6 7 8\n", 1, 100), std::nullopt);
}

TEST(machine_load, grows_by_the_time_itself_when_all_processors_work)
{
	machine_load const load;
	auto const before = load.busy();
	auto const begin = std::chrono::steady_clock::now();
	std::vector<std::thread> all;
	for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i)
	{
		all.emplace_back([begin] {
			while (std::chrono::steady_clock::now() - begin < 500ms)
			{}
		});
	}
	for (auto& t : all)
	{
		t.join();
	}
	EXPECT_GT(load.busy() - before, 400ms);
}

} // namespace rawswarm
