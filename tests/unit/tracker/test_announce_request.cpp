// SPDX-License-Identifier: BSD-3-Clause
#include "agent/tracker/announce_request.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using test::value_of;

std::string const hash_text = "%00%01%02%03aaaaaaaaaaaaaaa%ff";
std::string const hash = std::string("\0\1\2\3", 4) + std::string(15, 'a') + "\xff";

std::string reason(std::string_view const query)
{
	auto const r = parse_announce(query);
	return r ? "none" : r.error().text;
}

TEST(announce_request, what_libtorrent_sends_is_read)
{
	auto const r = value_of(parse_announce("info_hash=" + hash_text
		+ "&peer_id=-LT20B0-abcdefghijkl&port=6881&uploaded=0&downloaded=0&left=16384&corrupt=0&key=1F"
		  "&event=started&numwant=200&compact=1&no_peer_id=1&supportcrypto=1&redundant=0"));
	EXPECT_EQ(r.info_hash, hash);
	EXPECT_EQ(r.peer_id, "-LT20B0-abcdefghijkl");
	EXPECT_EQ(r.port, 6881);
	EXPECT_FALSE(r.is_complete);
	EXPECT_EQ(r.event, announce_event::started);
	EXPECT_EQ(r.wanted, 200u);
	EXPECT_TRUE(r.is_compact);
	EXPECT_FALSE(r.with_peer_ids);
	EXPECT_TRUE(r.lacks());
}

TEST(announce_request, client_that_has_all_or_pauses_or_stops_lacks_nothing)
{
	auto const lacks = [](std::string const& rest) {
		return value_of(parse_announce("info_hash=" + hash_text + "&port=1" + rest)).lacks();
	};
	EXPECT_TRUE(lacks(""));
	EXPECT_TRUE(lacks("&left=1"));
	EXPECT_FALSE(lacks("&left=0"));
	EXPECT_FALSE(lacks("&left=1&event=paused"));
	EXPECT_FALSE(lacks("&left=1&event=stopped"));
	EXPECT_TRUE(lacks("&left=1&event=other"));
}

TEST(announce_request, plus_sign_in_an_info_hash_is_a_byte_like_any_other)
{
	EXPECT_EQ(
		value_of(parse_announce("port=1&info_hash=++++++++++++++++++++")).info_hash, std::string(20, '+'));
}

TEST(announce_request, first_of_several_values_counts)
{
	auto const r = value_of(parse_announce(
		"info_hash=" + hash_text + "&port=1&port=2&left=0&left=5&info_hash=" + std::string(20, 'b')));
	EXPECT_EQ(r.info_hash, hash);
	EXPECT_EQ(r.port, 1);
	EXPECT_TRUE(r.is_complete);
}

TEST(announce_request, first_of_several_values_counts_for_what_can_be_done_without)
{
	auto const a = std::string(20, 'a');
	auto const r = value_of(parse_announce("info_hash=" + hash_text + "&port=1&peer_id=" + a + "&peer_id=x"
		+ "&event=stopped&event=started&numwant=7&numwant=9&compact=0&compact=1&no_peer_id=1&no_peer_id=0"));
	EXPECT_EQ(r.event, announce_event::stopped);
	EXPECT_EQ(r.wanted, 7u);
	EXPECT_FALSE(r.is_compact);
	EXPECT_FALSE(r.with_peer_ids);
	EXPECT_EQ(r.peer_id, a);
	auto const odd = value_of(parse_announce("info_hash=" + hash_text + "&port=1&numwant=x&numwant=9"));
	EXPECT_FALSE(odd.wanted);
}

TEST(announce_request, what_is_missing_or_malformed_is_named)
{
	EXPECT_EQ(reason(""), "the info_hash is missing");
	EXPECT_EQ(reason("info_hash&port=1"), "the info_hash is missing");
	EXPECT_EQ(reason("info_hash=" + hash_text), "the port is missing");
	for (std::string const bad : {"abc", "%zz", "%", "%4", "aaaaaaaaaaaaaaaaaaaaa"})
	{
		EXPECT_EQ(reason("port=1&info_hash=" + bad), "the info_hash is not 20 bytes, percent-encoded") << bad;
	}
	for (std::string const bad : {"", "-1", "65536", "1x", "99999999999999999999"})
	{
		EXPECT_EQ(
			reason("info_hash=" + hash_text + "&port=" + bad), "the port is not a number from 0 to 65535")
			<< bad;
	}
	EXPECT_EQ(reason("info_hash=" + hash_text + "&port=1&left=-5"), "left is not a number of bytes");
}

TEST(announce_request, odd_values_that_can_be_done_without_are_as_if_they_were_missing)
{
	auto const r = value_of(
		parse_announce("info_hash=" + hash_text + "&port=1&numwant=-1&peer_id=short&event=&compact=&=&&x"));
	EXPECT_FALSE(r.wanted);
	EXPECT_EQ(r.peer_id, "");
	EXPECT_TRUE(r.is_compact);
}

TEST(scrape_request, info_hashes_are_read_up_to_a_limit)
{
	auto const two = "info_hash=" + hash_text + "&info_hash=" + std::string(20, 'b');
	EXPECT_EQ(value_of(parse_scrape(two, 9)), (std::vector{hash, std::string(20, 'b')}));
	EXPECT_EQ(value_of(parse_scrape(two, 1)), std::vector{hash});
	EXPECT_TRUE(value_of(parse_scrape("", 9)).empty());
	EXPECT_FALSE(parse_scrape("info_hash=short", 9));
}

} // namespace
} // namespace rawswarm
