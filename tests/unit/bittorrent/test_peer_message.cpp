// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/peer_message.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{

TEST(peer_message, have_is_encoded_as_in_bep_3)
{
	EXPECT_EQ(have_message(0x01020304), std::string("\0\0\0\x05\x04\x01\x02\x03\x04", 9));
}

TEST(peer_message, an_extension_message_is_encoded_as_in_bep_10)
{
	EXPECT_EQ(extension_message(200, "de"),
		std::string("\0\0\0\x04\x14\xc8"
					"de",
			8));
	EXPECT_EQ(
		extension_message(1, std::string(300, 'x')).substr(0, 6), std::string("\0\0\x01\x2e\x14\x01", 6));
}

} // namespace rawswarm
