// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/extension_handshake.hpp"

#include <gtest/gtest.h>
#include <libtorrent/bdecode.hpp>

#include <string_view>

namespace rawswarm
{
namespace
{

int id_in(std::string_view const handshake)
{
	lt::error_code ec;
	auto const node = lt::bdecode({handshake.data(), static_cast<std::ptrdiff_t>(handshake.size())}, ec);
	EXPECT_FALSE(ec) << ec.message();
	return extension_id(node, "rs_room");
}

} // namespace

TEST(extension_handshake, names_the_id_that_the_sender_chose)
{
	EXPECT_EQ(id_in("d1:md7:rs_roomi60eee"), 60);
	EXPECT_EQ(id_in("d1:md8:rs_claimi61e7:rs_roomi1ee1:pi6881ee"), 1);
	EXPECT_EQ(id_in("d1:md7:rs_roomi255eee"), 255);
}

TEST(extension_handshake, a_sender_that_does_not_know_the_message_has_no_id_for_it)
{
	for (std::string_view const handshake : {"de", "d1:mdee", "d1:md6:ut_pexi1eee", "d1:mi60ee",
			 "d7:rs_roomi60ee", "le", "i60e", "d1:md7:rs_roomi0eee"})
	{
		EXPECT_EQ(id_in(handshake), 0) << handshake;
	}
}

TEST(extension_handshake, an_id_that_does_not_fit_one_byte_counts_as_no_id)
{
	for (std::string_view const handshake : {"d1:md7:rs_roomi256eee", "d1:md7:rs_roomi-1eee",
			 "d1:md7:rs_roomi4294967356eee", "d1:md7:rs_room2:60ee"})
	{
		EXPECT_EQ(id_in(handshake), 0) << handshake;
	}
}

} // namespace rawswarm
