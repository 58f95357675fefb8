// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/peer_failure.hpp"

#include <boost/asio/error.hpp>
#include <gtest/gtest.h>

namespace rawswarm
{

TEST(peer_failure, is_told_in_words_for_those_who_do_not_know_bittorrent)
{
	EXPECT_EQ(failure_in_words(boost::asio::error::eof), "it hangs up, perhaps as it serves another image");
	EXPECT_EQ(failure_in_words(boost::asio::error::connection_reset),
		"it hangs up, perhaps as it serves another image");
	EXPECT_EQ(failure_in_words(lt::errors::timed_out), "it does not answer");
	EXPECT_EQ(failure_in_words(lt::errors::timed_out_no_handshake), "it does not answer");
	EXPECT_EQ(failure_in_words(boost::asio::error::connection_refused), "Connection refused");
}

} // namespace rawswarm
