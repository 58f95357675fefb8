// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/order_access.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

constexpr std::string_view right = "Bearer k7q2a-9fmx3-00000-zzzzz";
constexpr std::string_view wrong = "Bearer k7q2a-9fmx3-00000-zzzzy";

class access_to_orders : public ::testing::Test
{
protected:
	order_verdict ask(std::string const& peer, std::string_view const authorization = {})
	{
		auto sender = m_sender;
		sender.peer = make_address(peer);
		sender.authorization = authorization;
		return m_access.check(sender, m_now);
	}

	order_access m_access{"k7q2a-9fmx3-00000-zzzzz"};
	order_access::clock::time_point m_now{};
	order_sender m_sender{.peer = {},
		.host = "10.0.0.1:8080",
		.origin = "http://10.0.0.1:8080",
		.content_type = "application/json",
		.authorization = {},
		.forwarded = false};
};

TEST_F(access_to_orders, this_machine_needs_no_token)
{
	for (auto const* const peer : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
	{
		EXPECT_EQ(ask(peer), order_verdict::allowed) << peer;
	}
}

TEST_F(access_to_orders, another_machine_needs_it_and_all_of_it)
{
	EXPECT_EQ(ask("10.0.0.5"), order_verdict::no_token);
	EXPECT_EQ(ask("10.0.0.5", "Bearer "), order_verdict::no_token);
	EXPECT_EQ(ask("10.0.0.5", "Basic azdxMmE="), order_verdict::no_token);
	EXPECT_EQ(ask("10.0.0.5", right), order_verdict::allowed);
	EXPECT_EQ(ask("2001:db8::5", right), order_verdict::allowed);
	EXPECT_EQ(ask("10.0.0.5", "bearer k7q2a-9fmx3-00000-zzzzz "), order_verdict::allowed);
	for (auto const* const almost : {"Bearer k7q2a-9fmx3-00000-zzzz", "Bearer k7q2a-9fmx3-00000-zzzzz0",
			 "Bearer K7Q2A-9FMX3-00000-ZZZZZ", "Bearer  ,k7q2a-9fmx3-00000-zzzzz"})
	{
		m_now += 10s;
		EXPECT_EQ(ask("10.0.0.5", almost), order_verdict::wrong_token) << almost;
	}
}

TEST_F(access_to_orders, without_a_token_of_its_own_the_server_takes_none)
{
	order_access nobody{""};
	auto sender = m_sender;
	sender.peer = make_address("10.0.0.5");
	for (std::string_view const authorization : {"", "Bearer", "Bearer ", "Bearer  "})
	{
		sender.authorization = authorization;
		EXPECT_EQ(nobody.check(sender, m_now), order_verdict::no_token);
	}
}

TEST_F(access_to_orders, proxy_on_this_machine_does_not_make_others_this_machine)
{
	m_sender.forwarded = true;
	EXPECT_EQ(ask("127.0.0.1"), order_verdict::no_token);
	EXPECT_EQ(ask("127.0.0.1", right), order_verdict::allowed);
}

TEST_F(access_to_orders, page_from_elsewhere_is_turned_away_even_with_the_token)
{
	for (auto const* const origin :
		{"http://attacker.example", "null", "http://10.0.0.1", "http://10.0.0.1:80801", "file://",
			"http://10.0.0.1:8080.attacker.example", "ftp://10.0.0.1:8080"})
	{
		m_sender.origin = origin;
		EXPECT_EQ(ask("127.0.0.1"), order_verdict::foreign_page) << origin;
		EXPECT_EQ(ask("10.0.0.5", right), order_verdict::foreign_page) << origin;
	}
	m_sender.origin = "https://10.0.0.1:8080"; // a proxy adds TLS
	EXPECT_EQ(ask("127.0.0.1"), order_verdict::allowed);
	m_sender.origin = {}; // no browser
	EXPECT_EQ(ask("127.0.0.1"), order_verdict::allowed);
}

TEST_F(access_to_orders, content_that_a_browser_sends_to_others_unasked_is_turned_away)
{
	for (auto const* const type : {"", "text/plain", "application/x-www-form-urlencoded",
			 "multipart/form-data", "application/jsonp", "text/plain; application/json"})
	{
		m_sender.content_type = type;
		EXPECT_EQ(ask("127.0.0.1"), order_verdict::no_json) << type;
	}
	m_sender.content_type = "Application/JSON; charset=utf-8";
	EXPECT_EQ(ask("127.0.0.1"), order_verdict::allowed);
}

TEST_F(access_to_orders, wrong_tokens_are_five_at_once_and_one_a_second_then)
{
	for (int i = 0; i < order_access::tries_at_once; ++i)
	{
		EXPECT_EQ(ask("10.0.0.5", wrong), order_verdict::wrong_token) << i;
	}
	EXPECT_EQ(ask("10.0.0.5", wrong), order_verdict::too_many_tries);
	EXPECT_EQ(ask("10.0.0.5", right), order_verdict::too_many_tries)
		<< "what is right must not be told either";
	EXPECT_EQ(ask("10.0.0.6", wrong), order_verdict::wrong_token) << "another machine";
	m_now += 1s;
	EXPECT_EQ(ask("10.0.0.5", wrong), order_verdict::wrong_token);
	EXPECT_EQ(ask("10.0.0.5", wrong), order_verdict::too_many_tries);
	m_now += 1s;
	EXPECT_EQ(ask("10.0.0.5", right), order_verdict::allowed);
	EXPECT_EQ(ask("10.0.0.5", right), order_verdict::allowed) << "right ones are not counted";
}

TEST_F(access_to_orders, machine_with_many_ipv6_addresses_is_one)
{
	for (int i = 0; i < order_access::tries_at_once; ++i)
	{
		EXPECT_EQ(ask(fmt::format("2001:db8::{}", i + 1), wrong), order_verdict::wrong_token);
	}
	EXPECT_EQ(ask("2001:db8::99", wrong), order_verdict::too_many_tries);
	EXPECT_EQ(ask("2001:db8:0:1::1", wrong), order_verdict::wrong_token);
}

TEST_F(access_to_orders, of_more_addresses_than_are_remembered_the_oldest_is_forgotten)
{
	for (int i = 0; i < order_access::tries_at_once; ++i)
	{
		ask("10.0.0.5", wrong);
	}
	for (std::size_t i = 1; i < order_access::max_addresses; ++i)
	{
		ask(fmt::format("10.1.{}.{}", i / 250, i % 250), wrong);
	}
	EXPECT_EQ(ask("10.0.0.5", wrong), order_verdict::too_many_tries);
	ask("10.2.0.1", wrong);
	EXPECT_EQ(ask("10.0.0.5", wrong), order_verdict::wrong_token);
}

} // namespace
} // namespace rawswarm
