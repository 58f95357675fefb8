// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_mac.hpp"
#include "agent/beacon/beacon_sender.hpp"
#include "tests/support/network/beacon_sample.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace rawswarm
{

namespace
{

using boost::asio::ip::udp;
using test::an_identity;
using test::some_progress;

endpoint local_endpoint(udp::socket const& socket)
{
	auto const e = socket.local_endpoint();
	return {{e.address(), {}}, e.port()};
}

} // namespace

TEST(beacon_sender, each_destination_gets_a_signed_datagram_with_rising_seq)
{
	boost::asio::io_context ios;
	udp::endpoint const any(boost::asio::ip::address_v4::loopback(), 0);
	udp::socket first(ios, any);
	udp::socket second(ios, any);
	beacon_sender sender(ios, an_identity(), {local_endpoint(first), local_endpoint(second)}, "secret");
	sender.send(some_progress());
	sender.send(some_progress());
	for (auto* socket : {&first, &second})
	{
		socket->non_blocking(true); // on loopback a datagram has arrived when its sending returns
		std::array<char, 2000> buffer{};
		for (std::uint64_t seq = 1; seq <= 2; ++seq)
		{
			boost::system::error_code ec;
			auto const n = socket->receive(boost::asio::buffer(buffer), 0, ec);
			ASSERT_FALSE(ec) << ec.message();
			std::string_view const datagram(buffer.data(), n);
			EXPECT_TRUE(beacon_is_authentic(datagram, "secret"));
			EXPECT_EQ(decode_beacon(datagram).value().seq, seq);
		}
	}
}

TEST(beacon_sender, a_destination_that_refuses_does_not_stop_the_others)
{
	boost::asio::io_context ios;
	udp::socket socket(ios, udp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
	// Nothing can be sent to port 0.
	endpoint const bad{{boost::asio::ip::address_v4::loopback(), {}}, 0};
	beacon_sender sender(ios, an_identity(), {bad, local_endpoint(socket)}, std::nullopt);
	sender.send(some_progress());
	socket.non_blocking(true);
	std::array<char, 2000> buffer{};
	boost::system::error_code ec;
	auto const n = socket.receive(boost::asio::buffer(buffer), 0, ec);
	ASSERT_FALSE(ec) << ec.message();
	EXPECT_EQ(std::string(buffer.data(), n), encode_beacon(an_identity(), 1, some_progress()));
}

} // namespace rawswarm
