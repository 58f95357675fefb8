// SPDX-License-Identifier: BSD-3-Clause
// One agent and the messages between it and its peers. This thread is the agent's and libtorrent's.
#include "agent/web_seed/web_seed_claims.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{
namespace
{

using std::chrono::milliseconds;
using std::chrono::seconds;
using namespace std::string_literals;

struct recorder final : web_claims_listener
{
	void send(std::span<char const> const body) override { sent.emplace_back(body.begin(), body.end()); }

	std::vector<std::string> sent;
};

constexpr auto run_at_once = [](std::function<void()> const& f) { f(); };

std::shared_ptr<web_seed_claims> claims_of(std::size_t const pieces, bool const is_alone = true)
{
	return std::make_shared<web_seed_claims>(std::vector<bool>(pieces, false), 1, is_alone, run_at_once);
}

void hear(web_seed_claims& claims, web_seed_knowledge::peer const p, std::string const& message)
{
	claims.heard(p, {message.data(), message.size()});
}

constexpr auto any = web_seed_claims::clock::time_point(seconds(1000));

} // namespace

TEST(web_seed_claims, nothing_is_picked_before_the_torrent_is_ready)
{
	auto const claims = claims_of(2);
	EXPECT_FALSE(claims->pick(any));
	claims->ready();
	EXPECT_TRUE(claims->pick(any));
}

TEST(web_seed_claims, members_are_told_what_is_fetched_and_what_is_not_any_more)
{
	std::vector<bool> have(0x10304, true);
	have[0x10203] = false;
	auto const claims = std::make_shared<web_seed_claims>(have, 1, true, run_at_once);
	recorder listener;
	claims->ready();
	claims->is_member(claims->joined(), 7, listener);

	ASSERT_EQ(claims->pick(any), 0x10203u);
	claims->drop(0x10203);
	claims->drop(0x10203);

	EXPECT_EQ(listener.sent, (std::vector{"\0\0\1\2\3"s, "\1\0\1\2\3"s}));
}

TEST(web_seed_claims, a_member_that_comes_later_is_told_what_is_under_way)
{
	auto const claims = claims_of(1);
	claims->ready();
	claims->pick(any);
	recorder listener;
	claims->is_member(claims->joined(), 7, listener);
	EXPECT_EQ(listener.sent, std::vector{"\0\0\0\0\0"s});
}

TEST(web_seed_claims, a_peer_that_left_is_told_nothing)
{
	auto const claims = claims_of(1);
	claims->ready();
	recorder listener;
	auto const peer = claims->joined();
	claims->is_member(peer, 7, listener);
	claims->left(peer, listener);
	claims->pick(any);
	EXPECT_TRUE(listener.sent.empty());
}

TEST(web_seed_claims, a_piece_that_a_member_fetches_is_left_to_it_until_it_drops_it)
{
	auto const claims = claims_of(1);
	claims->ready();
	recorder listener;
	auto const peer = claims->joined();
	claims->is_member(peer, 7, listener);
	hear(*claims, peer, "\0\0\0\0\0"s);
	EXPECT_FALSE(claims->pick(web_seed_claims::clock::now()));
	hear(*claims, peer, "\1\0\0\0\0"s);
	EXPECT_EQ(claims->pick(web_seed_claims::clock::now()), 0u);
}

TEST(web_seed_claims, messages_of_another_form_are_ignored)
{
	auto const claims = claims_of(1);
	claims->ready();
	recorder listener;
	auto const peer = claims->joined();
	claims->is_member(peer, 7, listener);
	for (auto const& message : {""s, "\0\0\0\0"s, "\0\0\0\0\1"s, "\0\xff\xff\xff\xff"s, "\2\0\0\0\0"s})
	{
		hear(*claims, peer, message);
	}
	EXPECT_EQ(claims->pick(web_seed_claims::clock::now()), 0u);
}

TEST(web_seed_claims, a_piece_is_under_way_until_it_passes_or_fails)
{
	auto const claims = claims_of(1);
	claims->ready();
	recorder listener;
	claims->is_member(claims->joined(), 7, listener);
	ASSERT_EQ(claims->pick(any), 0u);
	EXPECT_FALSE(claims->pick(any));
	claims->piece_failed(0); // what peers sent of it
	EXPECT_FALSE(claims->pick(any));
	claims->handed_over(0, 16384, any);
	EXPECT_FALSE(claims->pick(any));
	claims->piece_failed(0);
	EXPECT_EQ(listener.sent.back(), "\1\0\0\0\0"s);
	ASSERT_EQ(claims->pick(any), 0u);
	claims->piece_passed(0);
	EXPECT_EQ(claims->missing(), 0u);
	EXPECT_FALSE(claims->pick(any));
}

TEST(web_seed_claims, a_piece_that_was_handed_over_and_never_heard_of_is_fetched_again)
{
	auto const claims = claims_of(1);
	claims->ready();
	ASSERT_EQ(claims->pick(any), 0u);
	claims->handed_over(0, 16384, any);
	EXPECT_FALSE(claims->pick(any + web_seed_claims::handed_over_limit - milliseconds(1)));
	EXPECT_EQ(claims->pick(any + web_seed_claims::handed_over_limit), 0u);
}

TEST(web_seed_claims, an_agent_that_expects_others_fetches_little_before_it_knows_one)
{
	auto const claims = claims_of(10, false);
	claims->ready();
	auto const now = web_seed_claims::clock::now();
	for (int i = 0; i < web_seed_claims::pieces_before_meeting; ++i)
	{
		EXPECT_TRUE(claims->pick(now));
	}
	EXPECT_FALSE(claims->pick(now));
	recorder listener;
	auto const peer = claims->joined();
	claims->is_member(peer, 7, listener);
	EXPECT_TRUE(claims->pick(now));
	claims->left(peer, listener);
	EXPECT_FALSE(claims->pick(now));
	EXPECT_TRUE(claims->pick(now + web_seed_claims::meeting_time));
}

} // namespace rawswarm
