// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/growth_watch.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm::test
{
namespace
{

std::string verdict_of(std::vector<growth_watch::sample> const& samples)
{
	growth_watch watch;
	for (auto const& s : samples)
	{
		watch.add(s);
	}
	return watch.verdict();
}

TEST(growth_watch, says_nothing_of_what_comes_and_goes)
{
	EXPECT_EQ(
		verdict_of({{20, 50'000}, {80, 90'000}, {20, 50'000}, {90, 70'000}, {21, 51'000}, {90, 99'000}}), "");
	EXPECT_EQ(
		verdict_of({{20, 50'000}, {20, 50'000}, {20, 50'000}, {20, 50'000}, {28, 58'192}, {28, 58'192}}), "")
		<< "noise";
	EXPECT_EQ(
		verdict_of({{90, 90'000}, {90, 90'000}, {20, 50'000}, {20, 50'000}, {20, 50'000}, {20, 50'000}}), "");
}

TEST(growth_watch, names_what_has_grown)
{
	EXPECT_EQ(verdict_of({{20, 1000}, {21, 1000}, {30, 1000}, {40, 1000}, {29, 1000}, {60, 1000}}),
		"it has 29 descriptors, and had 20\n");
	EXPECT_EQ(verdict_of({{5, 1000}, {5, 2000}, {5, 3000}, {5, 4000}, {5, 9193}, {5, 20'000}}),
		"it has 9193 KiB of memory, and had 1000\n");
	EXPECT_EQ(verdict_of({{5, 1000}, {5, 1000}, {5, 1000}, {5, 1000}, {50, 99'000}, {50, 99'000}}),
		"it has 50 descriptors, and had 5\nit has 99000 KiB of memory, and had 1000\n");
}

TEST(growth_watch, needs_six_samples)
{
	EXPECT_EQ(verdict_of({{5, 1000}, {10, 1000}, {50, 1000}, {100, 1000}, {500, 1000}}), "");
}

TEST(growth_watch, sees_a_process)
{
	growth_watch watch;
	watch.look(::getpid());
	EXPECT_GT(watch.samples().front().descriptors, 2U);
	EXPECT_GT(watch.samples().front().kib, 0U);
}

// As of a number that is another process's, in another namespace.
TEST(growth_watch, does_not_take_for_small_what_shows_nothing)
{
	auto const child = ::fork();
	ASSERT_GE(child, 0);
	if (child == 0)
	{
		::_exit(0);
	}
	siginfo_t ended{};
	ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
	growth_watch watch;
	EXPECT_THROW(watch.look(child), std::runtime_error);
	EXPECT_TRUE(watch.samples().empty());
	::waitpid(child, nullptr, 0);
}

} // namespace
} // namespace rawswarm::test
