// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/dialer.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm
{
namespace
{

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr std::chrono::seconds long_enough{10};

// Looks names up in a table; all others are unknown.
name_lookup names(std::map<std::string, std::vector<std::string>> const& table)
{
	return [table](std::string const& host) -> result<address_list> {
		auto const it = table.find(host);
		if (it == table.end())
		{
			return fail(fault::network, "looking up {}: unknown", host);
		}
		address_list found;
		for (auto const& text : it->second)
		{
			found.push_back(asio::ip::make_address(text));
		}
		return found;
	};
}

class dialer_test : public ::testing::Test
{
protected:
	dialer::handler collect()
	{
		return [this](host_port const&, tcp::endpoint const& e) { m_found.push_back(e); };
	}

	// Runs the io_context until so many addresses were handed over.
	void run_until(std::size_t count)
	{
		while (m_found.size() < count && m_ios.run_one_for(long_enough) != 0)
		{}
		ASSERT_EQ(m_found.size(), count);
	}

	static tcp::endpoint at(char const* address, std::uint16_t port)
	{
		return {asio::ip::make_address(address), port};
	}

	asio::io_context m_ios{1};
	asio::executor_work_guard<asio::io_context::executor_type> m_work{m_ios.get_executor()};
	std::vector<tcp::endpoint> m_found;
};

} // namespace

TEST_F(dialer_test, literal_addresses_are_handed_over_with_their_ports)
{
	dialer d(m_ios, {{"10.0.0.1", 6881}, {"fd00::7", 7001}, {"::1", 65535}, {"127.0.0.1", 1}}, collect(),
		names({}));
	d.run();
	run_until(4);
	EXPECT_EQ(m_found,
		(std::vector<tcp::endpoint>{
			at("10.0.0.1", 6881), at("fd00::7", 7001), at("::1", 65535), at("127.0.0.1", 1)}));
}

TEST_F(dialer_test, every_address_of_a_name_is_handed_over)
{
	dialer d(m_ios, {{"server", 6881}}, collect(), names({{"server", {"10.0.0.1", "fd00::1"}}}));
	d.run();
	run_until(2);
	EXPECT_EQ(m_found, (std::vector<tcp::endpoint>{at("10.0.0.1", 6881), at("fd00::1", 6881)}));
}

TEST_F(dialer_test, a_name_that_is_unknown_or_has_no_address_is_skipped)
{
	dialer d(
		m_ios, {{"nobody", 6881}, {"empty", 6881}, {"10.0.0.1", 6882}}, collect(), names({{"empty", {}}}));
	d.run();
	run_until(1);
	EXPECT_EQ(m_found, (std::vector<tcp::endpoint>{at("10.0.0.1", 6882)}));
}

TEST_F(dialer_test, addresses_are_handed_over_in_the_io_contexts_thread)
{
	std::thread::id caller;
	dialer d(
		m_ios, {{"10.0.0.1", 6881}},
		[&](host_port const&, tcp::endpoint const& e) {
			caller = std::this_thread::get_id();
			m_found.push_back(e);
		},
		names({}));
	d.run();
	run_until(1);
	EXPECT_EQ(caller, std::this_thread::get_id());
}

TEST_F(dialer_test, a_round_that_still_runs_is_not_begun_again)
{
	std::atomic<int> lookups{0};
	std::promise<void> release;
	auto const released = release.get_future().share();
	dialer d(m_ios, {{"slow", 6881}}, collect(), [&, released](std::string const&) -> result<address_list> {
		++lookups;
		released.wait();
		return address_list{asio::ip::make_address("10.0.0.1")};
	});
	d.run();
	d.run();
	d.run();
	release.set_value();
	run_until(1);
	EXPECT_EQ(lookups, 1);
}

TEST_F(dialer_test, each_round_looks_the_names_up_anew)
{
	std::atomic<int> lookups{0};
	dialer d(m_ios, {{"server", 6881}}, collect(), [&lookups](std::string const&) -> result<address_list> {
		return address_list{asio::ip::make_address(++lookups == 1 ? "10.0.0.1" : "10.0.0.2")};
	});
	d.run();
	run_until(1);
	// The first round may need a moment to end after its last address.
	auto const until = std::chrono::steady_clock::now() + long_enough;
	while (m_found.size() < 2 && std::chrono::steady_clock::now() < until)
	{
		d.run();
		m_ios.run_one_for(std::chrono::milliseconds(1));
	}
	ASSERT_GE(m_found.size(), 2U);
	EXPECT_EQ(m_found[0], at("10.0.0.1", 6881));
	EXPECT_EQ(m_found[1], at("10.0.0.2", 6881));
}

TEST_F(dialer_test, without_peers_nothing_is_done)
{
	dialer d(m_ios, {}, collect(), names({}));
	d.run();
	EXPECT_EQ(m_ios.poll(), 0U);
}

TEST_F(dialer_test, the_handler_is_not_called_after_destruction)
{
	std::promise<void> second;
	auto d = std::make_unique<dialer>(m_ios, std::vector<host_port>{{"10.0.0.1", 6881}, {"second", 6881}},
		collect(), [&](std::string const&) -> result<address_list> {
			second.set_value();
			return address_list{asio::ip::make_address("10.0.0.2")};
		});
	d->run();
	// The second peer's turn: the first one's address waits in the io_context.
	ASSERT_EQ(second.get_future().wait_for(long_enough), std::future_status::ready);
	d.reset();
	EXPECT_GE(m_ios.poll(), 1U);
	EXPECT_TRUE(m_found.empty());
}

TEST_F(dialer_test, destruction_waits_for_one_look_up_and_not_for_the_whole_round)
{
	constexpr int count = 20'000;
	std::vector<host_port> peers;
	for (int i = 0; i < count; ++i)
	{
		peers.push_back({"peer-" + std::to_string(i), 6881});
	}
	std::atomic<int> lookups{0};
	std::promise<void> first;
	std::promise<void> release;
	auto const released = release.get_future().share();
	auto d = std::make_unique<dialer>(
		m_ios, std::move(peers), collect(), [&, released](std::string const&) -> result<address_list> {
			if (++lookups == 1)
			{
				first.set_value();
				released.wait();
			}
			return address_list{asio::ip::make_address("10.0.0.1")};
		});
	d->run();
	ASSERT_EQ(first.get_future().wait_for(long_enough), std::future_status::ready);
	release.set_value();
	d.reset();
	EXPECT_LT(lookups, count);
}

TEST_F(dialer_test, why_a_name_is_not_found_is_told_until_it_is)
{
	std::atomic<bool> is_known{false};
	dialer d(m_ios, {{"server", 6881}}, collect(), [&](std::string const& host) -> result<address_list> {
		if (!is_known)
		{
			return fail(fault::network, "looking up {}: unknown", host);
		}
		return address_list{asio::ip::make_address("10.0.0.1")};
	});
	EXPECT_EQ(d.reasons(), "");
	d.run();
	while (d.reasons().empty() && m_ios.run_one_for(long_enough) != 0)
	{}
	EXPECT_EQ(d.reasons(), "looking up server: unknown");
	is_known = true;
	d.run();
	run_until(1);
	EXPECT_EQ(d.reasons(), "");
}

TEST_F(dialer_test, a_name_server_that_is_silent_delays_no_other_name)
{
	std::promise<void> release;
	auto const released = release.get_future().share();
	dialer d(m_ios, {{"slow", 6881}, {"server", 6882}}, collect(),
		[released](std::string const& host) -> result<address_list> {
			if (host == "slow")
			{
				released.wait();
			}
			return address_list{asio::ip::make_address(host == "slow" ? "10.0.0.1" : "10.0.0.2")};
		});
	d.run();
	run_until(1);
	EXPECT_EQ(m_found.front(), at("10.0.0.2", 6882));
	release.set_value(); // its answer counts, however late it is
	run_until(2);
	EXPECT_EQ(m_found.back(), at("10.0.0.1", 6881));
}

} // namespace rawswarm
