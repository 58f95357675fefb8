// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/beacon_socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string_view>
#include <thread>

#include <sys/resource.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using boost::asio::ip::udp;
using clock = std::chrono::steady_clock;

class beacon_socket_test : public testing::Test
{
protected:
	void SetUp() override
	{
		ASSERT_TRUE(m_socket.listen(parse_endpoint("127.0.0.1:0").value(), {}, false));
		m_socket.start(
			[this](udp::endpoint const&, std::string_view) {
				++m_taken;
				return true;
			},
			[this] { ++m_batches; });
	}

	void send()
	{
		m_sender.send_to(boost::asio::buffer(std::string_view("x")),
			{boost::asio::ip::address_v4::loopback(), m_socket.port()});
	}

	// How often the thread that calls it was asleep.
	static long sleeps()
	{
		rusage used{};
		EXPECT_EQ(::getrusage(RUSAGE_THREAD, &used), 0);
		// NOLINTNEXTLINE(cppcoreguidelines-pro-type-union-access): glibc has two names for one long
		return used.ru_nvcsw;
	}

	boost::asio::io_context m_ios;
	beacon_socket m_socket{m_ios};
	udp::socket m_sender{m_ios, udp::v4()};
	int m_taken = 0;
	int m_batches = 0;
};

} // namespace

TEST_F(beacon_socket_test, what_comes_in_short_order_is_read_together)
{
	constexpr int count = 200; // which any buffer of a socket has room for
	auto const began = clock::now();
	for (int sent = 1; sent <= count; ++sent)
	{
		send();
		m_ios.poll();
	}
	while (m_taken < count)
	{
		ASSERT_GT(m_ios.run_one_for(5s), 0U) << "taken: " << m_taken;
	}
	auto const most = 2 + (clock::now() - began) / 10ms + count / 64;
	EXPECT_LE(m_batches, most);
	m_socket.stop();
}

TEST_F(beacon_socket_test, what_comes_in_short_order_wakes_nobody_once_for_each)
{
	constexpr int count = 200; // half a millisecond apart: those of 2,000 agents
	auto const began = clock::now();
	std::thread sender([&] {
		for (int sent = 0; sent < count; ++sent)
		{
			std::this_thread::sleep_until(began + sent * 500us);
			send();
		}
	});
	auto const before = sleeps();
	while (m_taken < count && m_ios.run_one_for(5s) > 0)
	{}
	auto const slept = sleeps() - before;
	auto const pauses = (clock::now() - began) / 10ms + 1;
	sender.join();
	EXPECT_EQ(m_taken, count);
	EXPECT_LE(slept, 3 * pauses); // for a datagram, and for the end of a pause
	m_socket.stop();
}

} // namespace rawswarm
