// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/shared_torrents.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rawswarm
{
namespace
{

using numbers = std::vector<std::size_t>;

TEST(shared_torrents, a_torrent_of_one_target_is_joined_at_once)
{
	shared_torrents s;
	s.expect(3, "a");
	s.expect(4, "b");
	EXPECT_EQ(s.ready(3, "a"), numbers{3});
	EXPECT_EQ(s.torrent_of(3), 3U);
	EXPECT_FALSE(s.torrent_of(4));
	EXPECT_EQ(s.leave(3).abandoned, 3U);
	EXPECT_EQ(s.ready(3, "a"), numbers{3}) << "a seed joins anew after a bad piece";
}

TEST(shared_torrents, targets_of_one_torrent_join_together_once_all_are_ready)
{
	shared_torrents s;
	for (auto const t : {0U, 1U, 2U})
	{
		s.expect(t, "a");
	}
	EXPECT_EQ(s.ready(2, "a"), numbers());
	EXPECT_EQ(s.ready(0, "a"), numbers());
	EXPECT_FALSE(s.torrent_of(2));
	EXPECT_EQ(s.ready(1, "a"), (numbers{0, 1, 2}));
	EXPECT_EQ(s.torrent_of(2), 0U);
	EXPECT_EQ(s.targets_of(0), (numbers{0, 1, 2}));
	EXPECT_EQ(s.targets_of(1), numbers());
}

TEST(shared_torrents, a_torrent_keeps_its_number_until_its_last_target_has_left)
{
	shared_torrents s;
	s.expect(0, "a");
	s.expect(1, "a");
	s.ready(0, "a");
	s.ready(1, "a");
	auto const first = s.leave(0);
	EXPECT_TRUE(first.others_stay);
	EXPECT_FALSE(first.abandoned);
	EXPECT_EQ(s.torrent_of(1), 0U);
	EXPECT_EQ(s.targets_of(0), numbers{1});
	EXPECT_FALSE(s.leave(0).others_stay) << "it has left already";
	auto const last = s.leave(1);
	EXPECT_FALSE(last.others_stay);
	EXPECT_EQ(last.abandoned, 0U);
}

TEST(shared_torrents, the_others_join_once_the_one_that_is_not_ready_has_left)
{
	shared_torrents s;
	s.expect(0, "a");
	s.expect(1, "a");
	s.expect(2, "a");
	s.ready(1, "a");
	s.ready(2, "a");
	auto const d = s.leave(0);
	EXPECT_EQ(d.can_join, (numbers{1, 2}));
	EXPECT_EQ(s.torrent_of(2), 1U);
}

TEST(shared_torrents, a_torrent_that_nobody_was_ready_for_is_not_abandoned)
{
	shared_torrents s;
	s.expect(0, "a");
	s.expect(1, "a");
	s.ready(0, "a");
	EXPECT_FALSE(s.leave(0).abandoned);
	EXPECT_FALSE(s.leave(1).abandoned);
}

} // namespace
} // namespace rawswarm
