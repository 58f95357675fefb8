// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/idle_watch.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;

constexpr idle_watch::clock::time_point start{1h};

TEST(idle_watch, image_is_idle_once_nobody_has_asked_for_a_while)
{
	idle_watch w;
	w.wanted(start);
	EXPECT_FALSE(w.is_idle(10s, start + 9s));
	EXPECT_TRUE(w.is_idle(10s, start + 10s));
	w.wanted(start + 10s);
	EXPECT_FALSE(w.is_idle(10s, start + 19s));
}

TEST(idle_watch, image_is_not_idle_while_a_peer_lacks_something_although_it_asks_for_nothing)
{
	idle_watch w;
	w.wanted(start);
	w.update(1, 0, start + 1h);
	EXPECT_FALSE(w.is_idle(10s, start + 1h + 9s));
	w.update(0, 0, start + 2h);
	EXPECT_TRUE(w.is_idle(10s, start + 2h));
}

TEST(idle_watch, image_is_not_idle_while_something_is_sent)
{
	idle_watch w;
	w.wanted(start);
	w.update(0, 100, start + 1h);
	EXPECT_FALSE(w.is_idle(10s, start + 1h));
	w.update(0, 100, start + 1h + 10s);
	EXPECT_TRUE(w.is_idle(10s, start + 1h + 10s));
}

TEST(idle_watch, fewer_bytes_than_before_mean_that_it_was_opened_anew)
{
	idle_watch w;
	w.wanted(start);
	w.update(0, 100, start);
	w.update(0, 0, start + 1h);
	EXPECT_TRUE(w.is_idle(10s, start + 1h));
	w.update(0, 50, start + 1h);
	EXPECT_FALSE(w.is_idle(10s, start + 1h));
}

} // namespace
} // namespace rawswarm
