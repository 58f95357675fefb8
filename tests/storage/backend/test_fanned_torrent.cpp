// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/fanned_torrent.hpp"
#include "tests/support/device/disk_calls.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace rawswarm
{
namespace
{

using test::test_peer;

class fanned_torrent : public ::testing::Test
{
protected:
	fanned_torrent() { torrent->members.resize(2); }

	fanned_ptr torrent = std::make_shared<fanned_out>();
};

TEST_F(fanned_torrent, peer_has_one_observer_for_each_target_however_many_blocks_it_brings)
{
	auto const peer = std::make_shared<test_peer>();
	auto const other = std::make_shared<test_peer>();
	auto const first = observer_of(torrent, peer, 0);
	auto const second = observer_of(torrent, peer, 1);
	EXPECT_NE(first, second);
	EXPECT_NE(first, observer_of(torrent, other, 0));
	first->on_disk();
	EXPECT_EQ(first, observer_of(torrent, peer, 0));
	EXPECT_EQ(second, observer_of(torrent, peer, 1));
}

TEST_F(fanned_torrent, peers_that_are_gone_are_forgotten_unless_a_target_still_has_to_answer)
{
	auto gone = std::make_shared<test_peer>();
	auto stopped = std::make_shared<test_peer>();
	static_cast<void>(observer_of(torrent, gone, 0));
	auto const observer = observer_of(torrent, stopped, 1);
	bool answered = false;
	observer->add_wait(torrent->waits.add({1}, [&] { answered = true; }));
	gone.reset();
	stopped.reset();

	auto const peer = std::make_shared<test_peer>();
	static_cast<void>(observer_of(torrent, peer, 0));
	EXPECT_EQ(torrent->observers.size(), 2) << "the one that is there and the one that waited";

	observer->on_disk();
	EXPECT_TRUE(answered);
	auto const next = std::make_shared<test_peer>();
	static_cast<void>(observer_of(torrent, next, 0));
	EXPECT_EQ(torrent->observers.size(), 2) << "those that are there";
}

} // namespace
} // namespace rawswarm
