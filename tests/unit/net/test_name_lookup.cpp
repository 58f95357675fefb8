// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/name_lookup.hpp"
#include "agent/net/resolver_setup.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <stop_token>

namespace rawswarm
{

namespace
{

using std::chrono::steady_clock;
using test::value_of;

constexpr std::chrono::milliseconds short_limit{50};
constexpr std::chrono::seconds long_limit{20};

result<address_list> never_asked(std::string const& host)
{
	ADD_FAILURE() << host << " was looked up";
	return address_list{};
}

} // namespace

TEST(lookup, an_address_is_not_looked_up)
{
	auto const until = steady_clock::now() + long_limit;
	for (auto const* const text : {"10.0.0.1", "fd00::1", "::1"})
	{
		auto const found = lookup_host(text, until, never_asked);
		ASSERT_TRUE(found.has_value()) << found.error().text;
		ASSERT_EQ(found.value().size(), 1U);
		EXPECT_EQ(found.value().front().to_string(), text);
	}
}

TEST(lookup, all_addresses_are_given_in_their_order)
{
	address_list const both{
		boost::asio::ip::make_address("fd00::1"), boost::asio::ip::make_address("10.0.0.1")};
	auto const found = lookup_host("images.example", steady_clock::now() + long_limit,
		[both](std::string const&) -> result<address_list> { return both; });
	EXPECT_EQ(value_of(found), both);
}

TEST(lookup, a_silent_name_server_does_not_outlast_the_deadline)
{
	auto const answered = std::make_shared<std::promise<void>>();
	auto const left = std::make_shared<std::promise<void>>();
	auto ended = left->get_future();
	auto const slow = [answered, left](std::string const&) -> result<address_list> {
		answered->get_future().wait_for(long_limit);
		left->set_value();
		return address_list{};
	};
	auto const begin = steady_clock::now();
	auto const found = lookup_host("images.example", begin + short_limit, slow);
	auto const taken = steady_clock::now() - begin;
	ASSERT_FALSE(found.has_value());
	EXPECT_EQ(found.error().kind, fault::network);
	EXPECT_EQ(found.error().ec, std::errc::timed_out);
	EXPECT_EQ(found.error().text, "looking up images.example: Connection timed out");
	EXPECT_GE(taken, short_limit);
	EXPECT_LT(taken, long_limit);

	// The thread that was left behind ends by itself.
	answered->set_value();
	EXPECT_EQ(ended.wait_for(long_limit), std::future_status::ready);
}

TEST(lookup, a_stop_leaves_a_silent_name_server_behind)
{
	auto const answered = std::make_shared<std::promise<void>>();
	auto const slow = [answered](std::string const&) -> result<address_list> {
		answered->get_future().wait_for(long_limit);
		return address_list{};
	};
	std::stop_source stop;
	stop.request_stop();
	auto const begin = steady_clock::now();
	auto const found = lookup_host("images.example", begin + long_limit, slow, stop.get_token());
	ASSERT_FALSE(found.has_value());
	EXPECT_EQ(found.error().ec, std::errc::operation_canceled);
	EXPECT_LT(steady_clock::now() - begin, long_limit);
	answered->set_value();
}

TEST(lookup, a_failure_is_passed_on)
{
	auto const found = lookup_host("images.example", steady_clock::now() + long_limit,
		[](std::string const& host) -> result<address_list> {
			return fail(fault::network, "looking up {}: no such name", host);
		});
	ASSERT_FALSE(found.has_value());
	EXPECT_EQ(found.error().text, "looking up images.example: no such name");
}

TEST(lookup, a_name_without_addresses_is_an_error)
{
	auto const found = lookup_host("images.example", steady_clock::now() + long_limit,
		[](std::string const&) -> result<address_list> { return address_list{}; });
	ASSERT_FALSE(found.has_value());
	EXPECT_EQ(found.error().kind, fault::network);
	EXPECT_EQ(found.error().text, "looking up images.example: it has no address");
}

TEST(lookup, the_system_knows_this_machine_and_no_malformed_name)
{
	use_builtin_name_lookup();
	auto const malformed = system_lookup("no_such..name");
	ASSERT_FALSE(malformed.has_value());
	EXPECT_EQ(malformed.error().kind, fault::network);
	EXPECT_TRUE(malformed.error().text.starts_with("looking up no_such..name: ")) << malformed.error().text;

	auto const localhost = system_lookup("localhost");
	if (!localhost)
	{
		GTEST_SKIP() << "/etc/hosts does not have localhost: " << localhost.error().text;
	}
	for (auto const& address : localhost.value())
	{
		EXPECT_TRUE(address.is_loopback()) << address;
	}
}

} // namespace rawswarm
