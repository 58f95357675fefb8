// SPDX-License-Identifier: BSD-3-Clause
#include "agent/tracker/bencoding.hpp"
#include "tests/unit/tracker/asked_tracker.hpp"

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

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;
using namespace test;
using boost::asio::ip::make_address;
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
