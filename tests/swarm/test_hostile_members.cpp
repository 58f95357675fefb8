// SPDX-License-Identifier: BSD-3-Clause
// Rooms in which almost as many members do harm as want the image. How much that delays the others is
// measured by `bench swarm --hostile`; here the room must come to its end.
#include "tests/support/network/hostile_members.hpp"
#include "tests/support/program/room_test.hpp"

#include <string>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

class hostile_members_of_a_room
	: public room_test
	, public ::testing::WithParamInterface<hostility>
{
protected:
	static constexpr std::size_t honest = 3;
	static constexpr std::size_t hostile = 3;
};

} // namespace

// The ideal is three seconds; the limit is for a machine with two processors that has other work, as all
// agents and talkers share it.
TEST_P(hostile_members_of_a_room, do_not_keep_the_image_from_the_others)
{
	make({.clients = honest + hostile, .mbit = 50});
	hostile_members const members(hosts(),
		{.how = GetParam(),
			.hosts = hosts_between(honest + 1, honest + hostile),
			.agents = hosts_between(0, honest),
			.port = room_agents::port,
			.torrent = image().torrent,
			.image = image().image,
			.folder = folder()});
	agents().start_seeder();
	for (auto const i : hosts_between(1, honest))
	{
		agents().start(i, agents().client_job(i));
	}
	EXPECT_TRUE(agents().are_done(hosts_between(1, honest), 60s));
	EXPECT_TRUE(agents().are_right(hosts_between(1, honest)));
}

INSTANTIATE_TEST_SUITE_P(of_kind, hostile_members_of_a_room, ::testing::ValuesIn(every_hostility),
	[](auto const& kind) { return std::string(name_of(kind.param)); });

} // namespace rawswarm::test
