// SPDX-License-Identifier: BSD-3-Clause
#include "base/lifetime.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

namespace rawswarm
{

TEST(lifetime, guarded_functions_are_called_until_it_ends)
{
	std::optional<lifetime> l(std::in_place);
	int calls = 0;
	auto f = l->guard([&calls](int const by) { calls += by; });
	f(1);
	f(2);
	EXPECT_EQ(calls, 3);
	l.reset();
	f(4);
	EXPECT_EQ(calls, 3);
}

TEST(lifetime, ends_before_its_object_if_it_is_told_so)
{
	lifetime l;
	int calls = 0;
	auto f = l.guard([&calls] { ++calls; });
	l.end();
	f();
	EXPECT_EQ(calls, 0);
}

TEST(lifetime, is_watched_beyond_its_end)
{
	auto l = std::make_unique<lifetime>();
	auto const is_alive = l->watch();
	EXPECT_TRUE(is_alive());
	l.reset();
	EXPECT_FALSE(is_alive());
}

TEST(lifetime, guards_functions_that_can_only_be_moved)
{
	lifetime l;
	int got = 0;
	auto f = l.guard(
		[&got, value = std::make_unique<int>(7)](std::unique_ptr<int> more) { got = *value + *more; });
	auto moved = std::move(f);
	moved(std::make_unique<int>(5));
	EXPECT_EQ(got, 12);
}

} // namespace rawswarm
