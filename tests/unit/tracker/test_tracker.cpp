// SPDX-License-Identifier: BSD-3-Clause
#include "agent/tracker/bencoding.hpp"
#include "agent/tracker/tracker.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libtorrent/bdecode.hpp>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <malloc.h>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

std::string const known(40, 'a');
std::string const hash_text = [] {
	std::string text;
	for (int i = 0; i < 20; ++i)
	{
		text += "%aa";
	}
	return text;
}();
std::string const raw_hash(20, '\xaa');

// An answer in words: "10.0.0.1:6881" in the order in which it came.
struct answer
{
	explicit answer(std::string bytes)
		: text(std::move(bytes))
	{
		lt::error_code ec;
		auto const root = lt::bdecode(text, ec);
		EXPECT_FALSE(ec) << ec.message() << " " << text;
		failure = std::string(root.dict_find_string_value("failure reason"));
		interval = root.dict_find_int_value("interval");
		min_interval = root.dict_find_int_value("min interval");
		complete = root.dict_find_int_value("complete");
		incomplete = root.dict_find_int_value("incomplete");
		add(root.dict_find_string_value("peers"), 4);
		add(root.dict_find_string_value("peers6"), 16);
		has_peers = bool(root.dict_find("peers"));
	}

	void add(lt::string_view const peers, std::size_t const length)
	{
		for (std::size_t i = 0; i + length + 2 <= peers.size(); i += length + 2)
		{
			auto const part = peers.substr(i, length);
			boost::asio::ip::address a;
			if (length == 4)
			{
				boost::asio::ip::address_v4::bytes_type b;
				std::copy(part.begin(), part.end(), b.begin());
				a = boost::asio::ip::address_v4(b);
			}
			else
			{
				boost::asio::ip::address_v6::bytes_type b;
				std::copy(part.begin(), part.end(), b.begin());
				a = boost::asio::ip::address_v6(b);
			}
			auto const high = static_cast<unsigned char>(peers[i + length]);
			auto const low = static_cast<unsigned char>(peers[i + length + 1]);
			list.push_back(fmt::format("{}:{}", a.to_string(), high * 256 + low));
		}
	}

	std::set<std::string> peers() const { return {list.begin(), list.end()}; }

	std::string text;
	std::string failure;
	std::int64_t interval = 0;
	std::int64_t min_interval = 0;
	std::int64_t complete = 0;
	std::int64_t incomplete = 0;
	bool has_peers = false;
	std::vector<std::string> list;
};

class tracker_test : public ::testing::Test
{
protected:
	tracker_test() { m_tracker.set_known({known}); }

	answer ask(std::string const& from, std::string const& rest = "&port=6881&left=1")
	{
		return answer(m_tracker.announce(
			"info_hash=" + hash_text + rest, make_address(from), make_address(m_server), m_now));
	}

	// So many machines of 10.1.0.0/16, each with another address.
	void fill(int const count, std::string const& rest)
	{
		for (int i = 0; i < count; ++i)
		{
			ask(fmt::format("10.1.{}.{}", i / 250, i % 250 + 1), rest);
		}
	}

	tracker m_tracker;
	tracker::clock::time_point m_now{1h};
	std::string m_server = "10.0.0.254";
};

using peers = std::set<std::string>;

TEST_F(tracker_test, second_of_two_clients_is_told_of_the_first_and_not_of_itself)
{
	auto const first = ask("10.0.0.1");
	EXPECT_EQ(first.peers(), peers{});
	EXPECT_TRUE(first.has_peers);
	EXPECT_EQ(first.failure, "");
	EXPECT_EQ(ask("10.0.0.2", "&port=7000&left=1").peers(), peers{"10.0.0.1:6881"});
	EXPECT_EQ(ask("10.0.0.1").peers(), peers{"10.0.0.2:7000"});
}

TEST_F(tracker_test, clients_of_both_families_are_told_of_each_other)
{
	ask("10.0.0.1");
	EXPECT_EQ(ask("fd00::2").peers(), peers{"10.0.0.1:6881"});
	EXPECT_EQ(ask("10.0.0.3").peers(), (peers{"10.0.0.1:6881", "fd00::2:6881"}));
}

TEST_F(tracker_test, address_of_ipv4_in_the_form_of_ipv6_is_one_of_ipv4)
{
	ask("::ffff:10.0.0.1");
	EXPECT_EQ(ask("::ffff:10.0.0.2").peers(), peers{"10.0.0.1:6881"});
}

TEST_F(tracker_test, address_that_a_client_names_is_not_believed)
{
	ask("10.0.0.1", "&port=6881&left=1&ip=10.0.0.99&ipv6=fd00::99&ipv4=10.0.0.98");
	EXPECT_EQ(ask("10.0.0.2").peers(), peers{"10.0.0.1:6881"});
}

TEST_F(tracker_test, client_that_listens_nowhere_is_answered_and_not_told_to_others)
{
	ask("10.0.0.1");
	EXPECT_EQ(ask("10.0.0.2", "&port=0&left=1").peers(), peers{"10.0.0.1:6881"});
	EXPECT_EQ(ask("10.0.0.3").peers(), peers{"10.0.0.1:6881"});
}

TEST_F(tracker_test, address_of_a_link_is_not_told_to_others)
{
	EXPECT_EQ(ask("fe80::1").failure, "");
	EXPECT_EQ(ask("10.0.0.3").peers(), peers{});
}

TEST_F(tracker_test, client_on_loopback_is_told_to_loopback_alone)
{
	ask("127.0.0.1");
	EXPECT_EQ(ask("10.0.0.3").peers(), peers{});
	EXPECT_EQ(ask("127.0.0.1", "&port=7000&left=1").peers(), (peers{"127.0.0.1:6881", "10.0.0.3:6881"}));
}

TEST_F(tracker_test, client_that_stops_is_told_no_longer_and_nobody_else_can_stop_it)
{
	ask("10.0.0.1");
	ask("10.0.0.9", "&port=6881&left=1&event=stopped");
	EXPECT_EQ(ask("10.0.0.2").peers(), peers{"10.0.0.1:6881"});
	EXPECT_EQ(ask("10.0.0.1", "&port=6881&left=1&event=stopped").peers(), peers{});
	EXPECT_EQ(ask("10.0.0.3").peers(), peers{"10.0.0.2:6881"});
}

TEST_F(tracker_test, client_that_has_everything_hears_of_those_that_do_not)
{
	ask("10.0.0.1", "&port=6881&left=0");
	ask("10.0.0.2", "&port=6881&left=1");
	ask("10.0.0.3", "&port=6881&left=1&event=paused");
	EXPECT_EQ(ask("10.0.0.9", "&port=6881&left=0").peers(), peers{"10.0.0.2:6881"});
	EXPECT_EQ(ask("10.0.0.8", "&port=6881&left=5").peers(),
		(peers{"10.0.0.1:6881", "10.0.0.2:6881", "10.0.0.3:6881", "10.0.0.9:6881"}));
}

TEST_F(tracker_test, both_kinds_are_counted_and_a_download_once)
{
	ask("10.0.0.1", "&port=6881&left=0&event=completed"); // was never seen without
	ask("10.0.0.2", "&port=6881&left=5&event=started");
	auto const done = ask("10.0.0.2", "&port=6881&left=0&event=completed");
	EXPECT_EQ(done.complete, 2);
	EXPECT_EQ(done.incomplete, 0);
	ask("10.0.0.2", "&port=6881&left=0&event=completed");
	ask("10.0.0.3");
	EXPECT_EQ(m_tracker.scrape("info_hash=" + hash_text, m_now),
		"d5:filesd20:" + raw_hash + "d8:completei2e10:downloadedi1e10:incompletei1eeee");
}

TEST_F(tracker_test, scrape_of_what_is_not_known_is_empty_and_one_without_a_hash_means_all)
{
	EXPECT_EQ(m_tracker.scrape("info_hash=bbbbbbbbbbbbbbbbbbbb", m_now), "d5:filesdee");
	EXPECT_EQ(m_tracker.scrape("", m_now),
		"d5:filesd20:" + raw_hash + "d8:completei0e10:downloadedi0e10:incompletei0eeee");
	EXPECT_EQ(m_tracker.scrape("info_hash=b", m_now),
		"d14:failure reason46:the info_hash is not 20 bytes, percent-encodede");
}

TEST_F(tracker_test, torrent_that_is_not_known_is_refused_with_a_reason)
{
	auto const a = answer(m_tracker.announce(
		"info_hash=bbbbbbbbbbbbbbbbbbbb&port=1", make_address("10.0.0.1"), make_address(m_server), m_now));
	EXPECT_EQ(a.failure, "this room has no image with that info-hash");
	EXPECT_FALSE(a.has_peers);
	EXPECT_EQ(answer(m_tracker.announce("", make_address("10.0.0.1"), make_address(m_server), m_now)).failure,
		"the info_hash is missing");
	EXPECT_EQ(m_tracker.counts(m_now).refused, 2);
	EXPECT_EQ(m_tracker.counts(m_now).announces, 2);
}

TEST_F(tracker_test, torrents_that_stay_keep_their_clients)
{
	ask("10.0.0.1");
	m_tracker.set_known({std::string(40, 'b'), known, "no hash"});
	EXPECT_EQ(m_tracker.counts(m_now).torrents, 2u);
	EXPECT_EQ(ask("10.0.0.2").peers(), peers{"10.0.0.1:6881"});
	m_tracker.set_known({});
	EXPECT_NE(ask("10.0.0.2").failure, "");
	m_tracker.set_known({known});
	EXPECT_EQ(ask("10.0.0.3").peers(), peers{});
}

TEST_F(tracker_test, this_machine_is_a_peer_at_the_address_that_it_was_asked_at)
{
	m_tracker.set_own_port(6881);
	EXPECT_EQ(ask("10.0.0.1").list, std::vector<std::string>{"10.0.0.254:6881"});
	m_server = "fd00::254";
	EXPECT_EQ(ask("fd00::1", "&port=6881&left=1&numwant=1").peers(), peers{"fd00::254:6881"});
	EXPECT_EQ(ask("fd00::2", "&port=6881&left=0").peers(), (peers{"10.0.0.1:6881", "fd00::1:6881"}));
	EXPECT_EQ(ask("fd00::2", "&port=6881&left=1&numwant=0").peers(), peers{});
	EXPECT_EQ(ask("fd00::2").complete, 1);
	m_server = "fe80::254"; // which says nothing without the name of the link
	EXPECT_FALSE(ask("fe80::1").peers().contains("fe80::254:6881"));
}

TEST_F(tracker_test, image_is_wanted_by_who_lacks_something_and_asked_for_again_soon_until_it_is_served)
{
	std::vector<std::string> wanted;
	bool is_served = false;
	m_tracker.on_wanted = [&](std::string const& info_hash) {
		wanted.push_back(info_hash);
		return is_served;
	};
	EXPECT_EQ(ask("10.0.0.1").interval, 5);
	is_served = true;
	EXPECT_EQ(ask("10.0.0.1").interval, 30);
	EXPECT_EQ(ask("10.0.0.1", "&port=6881&left=0").interval, 30);
	ask("10.0.0.1", "&port=6881&left=9&event=stopped");
	EXPECT_EQ(wanted, (std::vector{known, known}));
}

TEST_F(tracker_test, known_torrents_may_change_while_one_is_wanted)
{
	m_tracker.on_wanted = [&](std::string const&) {
		m_tracker.set_known({});
		return false;
	};
	EXPECT_EQ(ask("10.0.0.1").failure, "this room has no image with that info-hash");
}

TEST_F(tracker_test, client_that_asks_as_told_is_kept_for_two_of_its_intervals)
{
	ask("10.0.0.1");
	m_now += 30s;
	ask("10.0.0.1");
	m_now += 60s;
	EXPECT_EQ(ask("10.0.0.2").peers(), peers{"10.0.0.1:6881"});
	m_now += 1s;
	EXPECT_EQ(ask("10.0.0.2").peers(), peers{});
}

TEST_F(tracker_test, client_that_asks_every_five_minutes_whatever_it_is_told_is_kept)
{
	ask("10.0.0.1");
	m_now += 300s;
	ask("10.0.0.1");
	m_now += 599s;
	EXPECT_EQ(ask("10.0.0.2").peers(), peers{"10.0.0.1:6881"});
	m_now += 2s;
	EXPECT_EQ(ask("10.0.0.3").peers(), peers{"10.0.0.2:6881"});
}

TEST_F(tracker_test, client_that_asks_too_often_is_kept_for_a_minute_all_the_same)
{
	ask("10.0.0.1");
	ask("10.0.0.1");
	m_now += 59s;
	EXPECT_EQ(ask("10.0.0.2").peers(), peers{"10.0.0.1:6881"});
}

TEST_F(tracker_test, answer_has_as_many_as_are_wanted_within_a_limit)
{
	fill(300, "&port=6881&left=1");
	EXPECT_EQ(ask("10.0.0.1").list.size(), 50u);
	EXPECT_EQ(ask("10.0.0.1", "&port=6881&left=1&numwant=7").peers().size(), 7u);
	EXPECT_EQ(ask("10.0.0.1", "&port=6881&left=1&numwant=999999").peers().size(), 200u);
	EXPECT_EQ(ask("10.0.0.1", "&port=6881&left=1&numwant=0").list.size(), 0u);
}

TEST_F(tracker_test, everybody_is_told_in_turn)
{
	fill(100, "&port=6881&left=1");
	peers seen;
	for (int i = 1; i <= 100; ++i)
	{
		ask(fmt::format("10.2.0.{}", i), "&port=6881&left=0");
	}
	for (int i = 0; i < 41; ++i) // 201 with the one that asks
	{
		seen.merge(ask("10.0.0.1", "&port=6881&left=1&numwant=10").peers());
	}
	EXPECT_EQ(seen.size(), 200u);
}

TEST_F(tracker_test, clients_of_one_address_are_told_in_turn_as_well)
{
	for (int port = 1; port <= 40; ++port)
	{
		ask("10.0.0.1", fmt::format("&port={}&left=1", port));
	}
	peers seen;
	for (int i = 0; i < 8; ++i)
	{
		seen.merge(ask("10.0.0.2", "&port=6881&left=1&numwant=10").peers());
	}
	EXPECT_EQ(seen.size(), 40u);
}

TEST_F(tracker_test, half_of_an_answer_are_seeds_if_there_are_enough_of_both)
{
	fill(100, "&port=6881&left=1");
	for (int i = 1; i <= 100; ++i)
	{
		ask(fmt::format("10.2.0.{}", i), "&port=6881&left=0");
	}
	auto const told = ask("10.0.0.1", "&port=6881&left=1&numwant=20");
	auto const seeds = std::ranges::count_if(told.list, [](auto const& p) { return p.starts_with("10.2."); });
	EXPECT_EQ(told.peers().size(), 20u);
	EXPECT_EQ(seeds, 10);
}

TEST_F(tracker_test, flood_from_one_address_displaces_nobody_and_takes_one_place_in_a_short_answer)
{
	fill(200, "&port=6881&left=1");
	for (int port = 1; port <= 5000; ++port)
	{
		ask("10.9.9.9", fmt::format("&port={}&left=1", port));
	}
	EXPECT_EQ(m_tracker.counts(m_now).incomplete, 700u);
	auto const told = ask("10.0.0.1", "&port=6881&left=1&numwant=200");
	EXPECT_EQ(told.peers().size(), 200u);
	EXPECT_LE(std::ranges::count_if(told.list, [](auto const& p) { return p.starts_with("10.9."); }), 1);
}

TEST_F(tracker_test, full_table_takes_a_newcomer_in_place_of_the_address_that_has_most)
{
	m_tracker = tracker({.clients = 10, .clients_of_an_address = 8});
	m_tracker.set_known({known});
	fill(2, "&port=6881&left=1");
	for (int port = 1; port <= 8; ++port)
	{
		ask("10.9.9.9", fmt::format("&port={}&left=1", port));
	}
	ask("10.0.0.1");
	auto const told = ask("10.0.0.2").peers();
	EXPECT_TRUE(told.contains("10.0.0.1:6881"));
	EXPECT_TRUE(told.contains("10.1.0.1:6881"));
	EXPECT_TRUE(told.contains("10.1.0.2:6881"));
	EXPECT_FALSE(told.contains("10.9.9.9:1")); // its oldest
	EXPECT_TRUE(told.contains("10.9.9.9:8"));
	EXPECT_EQ(m_tracker.counts(m_now).incomplete, 10u);
}

TEST_F(tracker_test, full_table_of_single_clients_keeps_them_and_answers_others)
{
	m_tracker = tracker({.clients = 10});
	m_tracker.set_known({known});
	fill(10, "&port=6881&left=1");
	EXPECT_EQ(ask("10.0.0.1").peers().size(), 10u);
	EXPECT_EQ(ask("10.0.0.2").peers().size(), 10u);
	EXPECT_FALSE(ask("10.0.0.2").peers().contains("10.0.0.1:6881"));
}

// The most that is told of the most clients, in the longest form.
TEST_F(tracker_test, longest_answer_has_20_kb)
{
	for (int i = 0; i < 200; ++i)
	{
		ask(fmt::format("2001:db8:1111:1111:1111:1111:1111:{}", 1000 + i),
			"&port=65535&left=1&peer_id=" + std::string(20, 'p'));
	}
	auto const size = ask("2001:db8::1", "&port=6881&left=1&numwant=200&compact=0").text.size();
	EXPECT_GT(size, 18'000u);
	EXPECT_LE(size, 20'000u);
}

TEST_F(tracker_test, client_takes_some_250_bytes)
{
	auto const before = ::mallinfo2().uordblks;
	fill(4000, "&port=6881&left=1&peer_id=" + std::string(20, 'p'));
	auto const each = (::mallinfo2().uordblks - before) / 4000; // 0 with a sanitizer
	EXPECT_LE(each, 270u);
}

TEST_F(tracker_test, form_that_is_not_compact_has_a_dictionary_for_each)
{
	ask("10.0.0.1", "&port=6881&left=1&peer_id=-LT20B0-abcdefghijkl");
	EXPECT_EQ(ask("10.0.0.2", "&port=6881&left=1&compact=0").text,
		"d8:completei0e10:incompletei2e8:intervali30e12:min intervali5e5:peersld2:ip8:10.0.0.17:peer "
		"id20:-LT20B0-abcdefghijkl4:porti6881eeee");
	EXPECT_EQ(ask("10.0.0.2", "&port=6881&left=1&compact=0&no_peer_id=1").text,
		"d8:completei0e10:incompletei2e8:intervali30e12:min "
		"intervali5e5:peersld2:ip8:10.0.0.14:porti6881eeee");
}

TEST_F(tracker_test, compact_answer_is_what_bep_23_and_7_say)
{
	ask("10.0.0.1");
	ask("fd00::1", "&port=258&left=1");
	EXPECT_EQ(ask("10.0.0.2").text,
		std::string(
			"d8:completei0e10:incompletei3e8:intervali30e12:min intervali5e5:peers6:\x0a\0\0\1\x1a\xe1", 77)
			+ "6:peers618:" + std::string("\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\1\2", 18) + "e");
}

} // namespace
} // namespace rawswarm
