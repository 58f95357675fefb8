// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/listen_watch.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;

constexpr listen_watch::clock::time_point begin{0s};
std::error_code const is_taken = std::make_error_code(std::errc::address_in_use);
std::error_code const is_gone = std::make_error_code(std::errc::address_not_available);

listen_watch::address at(char const* const address, std::uint16_t const port)
{
	return {boost::asio::ip::make_address(address), port};
}

listen_watch watch_for(std::vector<std::string_view> const& endpoints)
{
	std::vector<endpoint> list;
	for (auto const text : endpoints)
	{
		list.push_back(test::value_of(parse_endpoint(text)));
	}
	return {list, begin};
}

std::string fatal(listen_watch& w, std::chrono::seconds const now)
{
	auto const v = w.judge(begin + now);
	EXPECT_TRUE(!v.fatal || v.fatal->kind == fault::network);
	return v.fatal ? v.fatal->text : "";
}

} // namespace

TEST(listen_watch, one_address_of_those_asked_for_is_enough)
{
	auto w = watch_for({"0.0.0.0:6881", "[::]:6881"});
	EXPECT_EQ(w.waits_for(), "no address to listen on yet (0.0.0.0:6881,[::]:6881)");
	EXPECT_TRUE(w.opened(at("fd00::1", 6881)));
	EXPECT_EQ(w.waits_for(), "");
	EXPECT_EQ(fatal(w, 0s), "");
	EXPECT_EQ(fatal(w, 100s), "");
}

TEST(listen_watch, a_machine_without_an_address_is_an_error_after_ten_seconds)
{
	auto w = watch_for({"0.0.0.0:6881"});
	for (auto now = 0s; now < 10s; ++now)
	{
		EXPECT_EQ(fatal(w, now), "") << now.count();
	}
	EXPECT_EQ(fatal(w, 10s), "listening on 0.0.0.0:6881: this machine has no such address");
	EXPECT_EQ(fatal(w, 11s), "") << "it is said once";
}

// On a busy machine the session takes its time to start, and what it has opened is read after the first look.
TEST(listen_watch, time_in_which_nobody_looked_is_not_time_without_an_address)
{
	auto w = watch_for({"0.0.0.0:6881"});
	EXPECT_EQ(fatal(w, 12s), "");
	EXPECT_EQ(fatal(w, 60s), "");
	for (auto now = 61s; now < 66s; ++now)
	{
		EXPECT_EQ(fatal(w, now), "") << now.count();
	}
	EXPECT_NE(fatal(w, 66s), "");
}

TEST(listen_watch, another_port_than_the_one_asked_for_is_an_error)
{
	auto w = watch_for({"0.0.0.0:6881"});
	EXPECT_FALSE(w.opened(at("10.0.0.1", 40001)));
	EXPECT_EQ(fatal(w, 0s), "listening on 0.0.0.0:6881 at 10.0.0.1: " + is_taken.message());
}

TEST(listen_watch, a_port_that_is_taken_in_one_family_is_an_error_although_the_other_is_free)
{
	auto w = watch_for({"0.0.0.0:6881", "[::]:6881"});
	EXPECT_TRUE(w.opened(at("fd00::1", 6881)));
	EXPECT_FALSE(w.opened(at("10.0.0.1", 40001)));
	EXPECT_NE(fatal(w, 0s), "");
}

TEST(listen_watch, port_0_takes_any_port_of_its_address)
{
	auto w = watch_for({"127.0.0.1:0"});
	EXPECT_TRUE(w.opened(at("127.0.0.1", 40001)));
	EXPECT_FALSE(w.opened(at("127.0.0.2", 40001)));
}

TEST(listen_watch, an_address_that_is_gone_is_a_warning_while_there_are_others)
{
	auto w = watch_for({"0.0.0.0:6881"});
	w.failed(at("10.0.0.1", 6881), is_gone);
	EXPECT_EQ(fatal(w, 0s), "");
	EXPECT_TRUE(w.opened(at("10.0.0.2", 6881)));
	auto const v = w.judge(begin + 1s);
	EXPECT_FALSE(v.fatal);
	EXPECT_EQ(
		v.warnings, std::vector<std::string>{"listening on 0.0.0.0:6881 at 10.0.0.1: " + is_gone.message()});
	EXPECT_TRUE(w.judge(begin + 2s).warnings.empty());
}

TEST(listen_watch, the_only_address_that_is_not_there_is_an_error)
{
	auto w = watch_for({"10.0.0.1:6881"});
	w.failed(at("10.0.0.1", 6881), is_gone);
	EXPECT_EQ(fatal(w, 2s), "listening on 10.0.0.1:6881: " + is_gone.message());
}

// A card that is plugged in while the job runs.
TEST(listen_watch, a_port_that_is_taken_at_an_address_that_comes_up_later_is_a_warning)
{
	auto w = watch_for({"0.0.0.0:6881"});
	EXPECT_TRUE(w.opened(at("10.0.0.1", 6881)));
	EXPECT_FALSE(w.opened(at("10.1.0.1", 40001)));
	auto const v = w.judge(begin + 60s);
	EXPECT_FALSE(v.fatal);
	EXPECT_EQ(v.warnings.size(), 1U);
}

} // namespace rawswarm
