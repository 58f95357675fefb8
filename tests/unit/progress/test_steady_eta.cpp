// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/steady_eta.hpp"
#include "base/bytes.hpp"
#include "tests/support/base/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

constexpr std::int64_t total = 160_MiB;

struct moment
{
	double at = 0; // seconds
	std::int64_t done = 0;
};

// tests/fixtures/progress says how they were recorded.
std::vector<moment> recorded(std::string const& name)
{
	std::vector<moment> moments;
	std::ifstream file(test::fixture_folder() / "progress" / (name + ".txt"));
	std::string line;
	while (std::getline(file, line))
	{
		std::istringstream words(line);
		double ms = 0;
		std::int64_t done = 0;
		if (words >> ms >> done)
		{
			moments.push_back({ms / 1000, done});
		}
	}
	return moments;
}

struct shown
{
	double at = 0;
	double left = 0;
	double really_left = 0;
};

std::vector<shown> shown_of(std::vector<moment> const& moments)
{
	steady_eta eta;
	std::vector<shown> all;
	for (auto const& m : moments)
	{
		eta.update(m.done, total,
			steady_eta::clock::time_point(std::chrono::milliseconds(static_cast<int>(m.at * 1000))));
		if (auto const left = eta.left())
		{
			all.push_back({m.at, static_cast<double>(left->count()), moments.back().at - m.at});
		}
	}
	return all;
}

// Seconds.
double mean_error(std::vector<shown> const& all, double const from)
{
	double sum = 0;
	int n = 0;
	for (auto const& s : all)
	{
		if (s.at >= from)
		{
			sum += std::abs(s.left - s.really_left);
			++n;
		}
	}
	return sum / std::max(1, n);
}

// Of what it is shown to be, less the time that passed. Seconds are whole, so one more is no jump.
void expect_no_jump(std::vector<shown> const& all)
{
	constexpr double rounding = 1;
	for (std::size_t i = 1; i < all.size(); ++i)
	{
		auto const passed = all[i].at - all[i - 1].at;
		auto const most = std::max(all[i - 1].left * steady_eta::largest_step, 1.5) * passed + rounding;
		EXPECT_LE(std::abs(all[i].left - (all[i - 1].left - passed)), most) << "at " << all[i].at;
	}
}

steady_eta::clock::time_point at(std::chrono::milliseconds const t)
{
	return steady_eta::clock::time_point(t);
}

} // namespace

TEST(steady_eta, does_not_jump_whatever_the_rate_does)
{
	for (auto const* const name : {"room", "varied", "slowed"})
	{
		SCOPED_TRACE(name);
		auto const all = shown_of(recorded(name));
		ASSERT_GT(all.size(), 100U);
		expect_no_jump(all);
	}
}

TEST(steady_eta, of_a_room_is_right_by_seconds_from_the_start)
{
	auto const all = shown_of(recorded("room"));
	ASSERT_FALSE(all.empty());
	EXPECT_LT(all.front().at, 5);
	auto const error = mean_error(all, 0);
	std::cout << "mean error " << error << " s of " << all.front().really_left << " s\n";
	EXPECT_LT(error, 2);
}

TEST(steady_eta, is_right_by_a_second_or_two_towards_the_end)
{
	for (auto const* const name : {"room", "varied", "slowed"})
	{
		SCOPED_TRACE(name);
		auto const all = shown_of(recorded(name));
		ASSERT_FALSE(all.empty());
		auto const error = mean_error(all, all.back().at - all.front().really_left / 4);
		std::cout << name << ": mean error of the last quarter " << error << " s\n";
		EXPECT_LT(error, 1.5);
	}
}

TEST(steady_eta, is_not_known_before_something_came)
{
	steady_eta eta;
	for (auto t = 0ms; t < 10s; t += 250ms)
	{
		eta.update(5, total, at(t)); // was there before
		EXPECT_EQ(eta.left(), std::nullopt);
	}
	eta.update(1_MiB, total, at(10s));
	eta.update(2_MiB, total, at(11s));
	EXPECT_EQ(eta.left(), std::nullopt);
	eta.update(3_MiB, total, at(12s));
	EXPECT_NE(eta.left(), std::nullopt);
}

TEST(steady_eta, grows_while_nothing_comes_and_begins_anew_after_a_restart)
{
	steady_eta eta;
	std::int64_t done = 0;
	for (auto t = 0ms; t < 20s; t += 250ms)
	{
		eta.update(done += 256_KiB, total, at(t));
	}
	auto const before = eta.left().value();
	for (auto t = 20'000ms; t < 60s; t += 250ms)
	{
		eta.update(done, total, at(t));
	}
	EXPECT_GT(eta.left().value(), before);
	eta.restart();
	EXPECT_EQ(eta.left(), std::nullopt);
}

TEST(steady_eta, ends_at_zero_and_not_before)
{
	steady_eta eta;
	std::int64_t done = 0;
	for (auto t = 0ms; done < total; t += 250ms)
	{
		eta.update(done = std::min<std::int64_t>(total, done + 1_MiB), total, at(t));
		if (eta.left() && done < total - static_cast<std::int64_t>(8_MiB))
		{
			EXPECT_GT(eta.left().value(), 0s);
		}
	}
	EXPECT_LE(eta.left().value(), 1s);
}

TEST(smoothed_rate, is_a_plain_mean_at_first_and_forgets_what_is_old)
{
	smoothed_rate rate;
	EXPECT_EQ(rate.per_second(), 0);
	rate.update(100, at(0ms), 3s); // what was there does not count
	EXPECT_EQ(rate.per_second(), 0);
	rate.update(110, at(1s), 3s);
	EXPECT_DOUBLE_EQ(rate.per_second(), 10);
	for (int i = 2; i < 40; ++i)
	{
		rate.update(110 + 50 * i, at(std::chrono::seconds(i)), 3s);
	}
	EXPECT_NEAR(rate.per_second(), 50, 0.1);
}

} // namespace rawswarm
