// SPDX-License-Identifier: BSD-3-Clause
#include "base/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rawswarm
{
namespace
{

std::string meant_by(std::string_view word)
{
	std::vector<std::string> const known{
		"run", "boot", "check", "verify", "devices", "seed", "create", "watch", "help"};
	return nearest(word, known).value_or("none");
}

TEST(nearest, one_slip_of_the_hand_in_a_short_word)
{
	EXPECT_EQ(meant_by("rnu"), "run");
	EXPECT_EQ(meant_by("rn"), "run");
	EXPECT_EQ(meant_by("seeed"), "seed");
	EXPECT_EQ(meant_by("boat"), "boot");
}

TEST(nearest, two_in_a_longer_one)
{
	EXPECT_EQ(meant_by("deivce"), "devices");
	EXPECT_EQ(meant_by("verfiy"), "verify");
	EXPECT_EQ(meant_by("craete"), "create");
}

TEST(nearest, what_resembles_none_is_none)
{
	EXPECT_EQ(meant_by("image"), "none");
	EXPECT_EQ(meant_by("deploy"), "none");
	EXPECT_EQ(meant_by(""), "none");
	EXPECT_EQ(meant_by(std::string(100000, 'x')), "none");
	EXPECT_EQ(nearest("run", {}), std::nullopt);
}

} // namespace
} // namespace rawswarm
