// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/transfer_stats.hpp"

#include <gtest/gtest.h>
#include <libtorrent/torrent_status.hpp>

namespace rawswarm
{

TEST(transfer_stats, rate_of_sending_is_that_of_the_image)
{
	frame_counts counts;
	transfer_stats stats;
	lt::torrent_status status;
	status.num_peers = 1;
	status.upload_payload_rate = 1000;
	counts.sent = 5000;
	counts.wire_sent = 2000;
	take_status(stats, counts, status);
	EXPECT_EQ(stats.up, 2500);
	EXPECT_EQ(stats.ratio(), 2.5);
	take_status(stats, counts, status);
	EXPECT_EQ(stats.up, 1000) << "nothing was sent since";
}

// A seeder was seen to send 1 B/s for ten minutes.
TEST(transfer_stats, nobody_is_sent_anything_without_peers)
{
	frame_counts const counts;
	transfer_stats stats;
	lt::torrent_status status;
	status.upload_payload_rate = 1;
	take_status(stats, counts, status);
	EXPECT_EQ(stats.up, 0);
}

} // namespace rawswarm
