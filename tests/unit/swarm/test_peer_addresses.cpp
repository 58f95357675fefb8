// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/peer_addresses.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

namespace
{

using tcp_endpoint = boost::asio::ip::tcp::endpoint;

tcp_endpoint at(char const* const address, std::uint16_t const port)
{
	return {boost::asio::ip::make_address(address), port};
}

std::vector<tcp_endpoint> read(std::string_view const text)
{
	return read_addresses({text.data(), text.size()});
}

} // namespace

TEST(peer_addresses, are_read_as_they_were_written)
{
	std::vector<tcp_endpoint> const peers{
		at("10.0.0.1", 6881), at("192.168.255.254", 65535), at("fe80::1", 1)};
	EXPECT_EQ(read(write_addresses(peers)), peers);
	EXPECT_TRUE(read(write_addresses({})).empty());
}

TEST(peer_addresses, are_written_as_peer_exchange_writes_them)
{
	EXPECT_EQ(write_addresses({at("1.2.3.4", 0x1a2b)}),
		std::string("d5:added6:\x01\x02\x03\x04\x1a\x2b"
					"6:added60:e"));
}

TEST(peer_addresses, none_are_read_from_other_text)
{
	EXPECT_TRUE(read("").empty());
	EXPECT_TRUE(read("5:added").empty());
	EXPECT_TRUE(read("d5:addedi7ee").empty());
	EXPECT_TRUE(read("d5:added5:12345e").empty());
	EXPECT_TRUE(read(std::string_view("d5:added6:\x01\x02\x03\x04\0\0e", 17)).empty()); // no port
}

TEST(peer_addresses, are_read_up_to_a_limit)
{
	std::vector<tcp_endpoint> const peers(max_addresses + 1, at("10.0.0.1", 6881));
	EXPECT_EQ(read(write_addresses(peers)).size(), max_addresses);
}

} // namespace rawswarm
