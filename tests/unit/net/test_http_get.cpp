// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/http_get.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/network/loopback_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace rawswarm
{

namespace
{

using boost::asio::ip::tcp;
using std::chrono::steady_clock;
using test::value_of;

constexpr std::size_t max_bytes = 1024;
constexpr std::chrono::milliseconds short_limit{300};
constexpr std::chrono::seconds long_limit{20};

name_lookup gives(std::vector<char const*> const& texts)
{
	address_list addresses;
	for (auto const* const text : texts)
	{
		addresses.push_back(boost::asio::ip::make_address(text));
	}
	return [addresses](std::string const&) -> result<address_list> { return addresses; };
}

url images_at(std::uint16_t port)
{
	return value_of(parse_url("http://images.example:" + std::to_string(port) + "/x"));
}

// An address whose queue of connections is full, so that the system drops whatever comes.
class full_server
{
public:
	explicit full_server(tcp::endpoint const& at)
		: m_acceptor(m_context)
	{
		m_acceptor.open(at.protocol());
		m_acceptor.bind(at);
		m_acceptor.listen(0);
		// One more than the queue is long has been enough on every Linux; the rest is for safety.
		for (int i = 0; i < 4; ++i)
		{
			m_clients.emplace_back(m_context).async_connect(
				m_acceptor.local_endpoint(), [](boost::system::error_code) {});
		}
	}

	std::uint16_t port() const { return m_acceptor.local_endpoint().port(); }

private:
	boost::asio::io_context m_context;
	tcp::acceptor m_acceptor;
	std::vector<tcp::socket> m_clients;
};

} // namespace

TEST(http_get, every_address_of_a_name_is_tried)
{
	test::loopback_server const server(test::always(test::ok_reply("here")));
	auto const answer = http_get(images_at(server.port()), steady_clock::now() + long_limit, max_bytes,
		gives({"127.0.0.2", "127.0.0.3", "127.0.0.1"}));
	ASSERT_TRUE(answer.has_value()) << answer.error().text;
	EXPECT_EQ(answer.value().body, "here");
}

TEST(http_get, an_address_that_does_not_answer_leaves_time_for_the_next)
{
	test::loopback_server const server(test::always(test::ok_reply("here")));
	full_server const full(tcp::endpoint(boost::asio::ip::make_address("127.0.0.2"), server.port()));
	auto const answer = http_get(images_at(server.port()), steady_clock::now() + short_limit, max_bytes,
		gives({"127.0.0.2", "127.0.0.1"}));
	ASSERT_TRUE(answer.has_value()) << answer.error().text;
	EXPECT_EQ(answer.value().body, "here");
}

TEST(http_get, an_address_that_does_not_answer_is_given_up_at_the_deadline)
{
	full_server const full(tcp::endpoint(boost::asio::ip::make_address("127.0.0.2"), 0));
	auto const begin = steady_clock::now();
	auto const answer =
		http_get(images_at(full.port()), begin + short_limit, max_bytes, gives({"127.0.0.2"}));
	ASSERT_FALSE(answer.has_value());
	EXPECT_EQ(answer.error().kind, fault::network);
	EXPECT_EQ(answer.error().ec, std::errc::timed_out);
	EXPECT_EQ(answer.error().text,
		"connecting to 127.0.0.2 port " + std::to_string(full.port()) + ": Connection timed out");
	EXPECT_GE(steady_clock::now() - begin, short_limit);
	EXPECT_LT(steady_clock::now() - begin, long_limit);
}

TEST(http_get, the_last_address_is_named_when_none_answers)
{
	std::uint16_t const port = test::silent_server().port(); // closed again
	auto const answer = http_get(
		images_at(port), steady_clock::now() + long_limit, max_bytes, gives({"127.0.0.2", "127.0.0.1"}));
	ASSERT_FALSE(answer.has_value());
	EXPECT_EQ(
		answer.error().text, "connecting to 127.0.0.1 port " + std::to_string(port) + ": Connection refused");
}

TEST(http_get, status_and_location_of_a_redirect_are_given_without_following)
{
	test::loopback_server const server(
		test::always(test::empty_reply("302 Found", "Location: /else where\r\n")));
	auto const answer =
		http_get(images_at(server.port()), steady_clock::now() + long_limit, max_bytes, gives({"127.0.0.1"}));
	ASSERT_TRUE(answer.has_value()) << answer.error().text;
	EXPECT_EQ(answer.value().status, 302U);
	EXPECT_EQ(answer.value().reason, "Found");
	EXPECT_EQ(answer.value().location, "/else where");
	EXPECT_EQ(server.requests().size(), 1U);
}

TEST(http_get, a_missing_reason_is_the_usual_one_and_a_strange_one_is_made_printable)
{
	test::loopback_server const server(test::by_target({
		{"/none", test::empty_reply("404 ")},
		{"/own", test::empty_reply("404 Gone fishing")},
		{"/strange", test::empty_reply("404 \xff\x9b[J")},
	}));
	auto const reason = [&server](std::string const& target) {
		return value_of(
			http_get(value_of(parse_url(server.url(target))), steady_clock::now() + long_limit, max_bytes))
			.reason;
	};
	EXPECT_EQ(reason("/none"), "Not Found");
	EXPECT_EQ(reason("/own"), "Gone fishing");
	EXPECT_EQ(reason("/strange"), "??[J");
}

} // namespace rawswarm
