// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/resolver_file.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{

namespace
{

std::string servers(std::string_view const text)
{
	std::string all;
	for (auto const& server : servers_of_windows_file(text))
	{
		all += server.to_string() + " ";
	}
	return all;
}

} // namespace

TEST(resolver_file, servers_of_a_file_with_cr_lf_are_found_in_their_order)
{
	EXPECT_EQ(servers("# by hand\r\nnameserver 10.0.0.1\r\nsearch lab\r\nnameserver\tfd00::1 \r\n"),
		"10.0.0.1 fd00::1 ");
	EXPECT_EQ(servers("options ndots:1\nnameserver 10.0.0.1\r\nnameserver 10.0.0.2"), "10.0.0.1 10.0.0.2 ");
}

TEST(resolver_file, comment_behind_an_address_and_blanks_before_it_do_not_matter)
{
	EXPECT_EQ(servers("nameserver\t 10.0.0.1\t# the room's\r\nnameserver 10.0.0.2;old\r\n"
					  "nameserver \tfd00::1 # by hand\r\n; nameserver 10.0.0.3\r\n"),
		"10.0.0.1 10.0.0.2 fd00::1 ");
}

TEST(resolver_file, what_names_no_server_is_left_out)
{
	EXPECT_EQ(
		servers("nameserver server\r\nnameserver\r\nnameservers 10.0.0.1\r\n#nameserver 10.0.0.2\r\n"), "");
	EXPECT_EQ(servers("\r\n"), "");
}

TEST(resolver_file, file_with_plain_line_ends_is_left_to_the_c_library)
{
	EXPECT_EQ(servers("nameserver 10.0.0.1\nnameserver 10.0.0.2\n"), "");
	EXPECT_EQ(servers(""), "");
}

} // namespace rawswarm
