// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_mac.hpp"
#include "agent/beacon/beacon_question.hpp"
#include "agent/beacon/beacon_sender.hpp"
#include "tests/support/network/beacon_sample.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

using boost::asio::ip::udp;
using test::an_identity;
using test::some_progress;
using tokens = std::vector<std::string>;

std::string const token = "0123456789abcdef";

// A watcher's socket, and the sender that it hears.
struct asked_sender
{
	explicit asked_sender(std::optional<std::string> key)
		: sender(ios, an_identity(),
			{{{boost::asio::ip::address_v4::loopback(), {}}, watcher.local_endpoint().port()}},
			std::move(key))
	{
		watcher.non_blocking(true);
	}

	// The next beacon. On loopback a datagram has arrived when its sending returns.
	received_beacon next()
	{
		sender.send(some_progress());
		std::array<char, 2000> buffer{};
		auto const n = watcher.receive_from(boost::asio::buffer(buffer), agent);
		EXPECT_LE(n, max_beacon_bytes);
		return decode_beacon({buffer.data(), n}).value();
	}

	void ask(std::string const& datagram) { watcher.send_to(boost::asio::buffer(datagram), agent); }

	boost::asio::io_context ios;
	udp::socket watcher{ios, udp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
	udp::endpoint agent;
	beacon_sender sender;
};

} // namespace

TEST(beacon_question, is_read_by_who_has_the_key_alone)
{
	auto const question = encode_question(token, "secret");
	EXPECT_EQ(read_question(question, "secret"), token);
	EXPECT_EQ(read_question(question, "other"), std::nullopt);
	EXPECT_EQ(read_question(R"({"rawswarm":1,"question":"0123456789abcdef"})", "secret"), std::nullopt);
	EXPECT_EQ(read_question("", "secret"), std::nullopt);
	EXPECT_EQ(read_question(encode_question("0123456789abcdeg", "secret"), "secret"), std::nullopt);
	EXPECT_EQ(read_question(encode_question(token + "0", "secret"), "secret"), std::nullopt);
	EXPECT_EQ(read_question(question + std::string(200, ' '), "secret"), std::nullopt);
	EXPECT_EQ(question.size(), question_bytes);
	EXPECT_FALSE(decode_beacon(question)) << "a question is no beacon";
}

TEST(beacon_question, each_watcher_draws_another_token)
{
	EXPECT_TRUE(is_token(make_token()));
	EXPECT_NE(make_token(), make_token());
}

TEST(beacon_question, a_signed_sender_answers_in_its_next_beacons_and_then_no_more)
{
	asked_sender s("secret");
	EXPECT_TRUE(s.next().answers.empty());
	EXPECT_FALSE(s.sender.was_asked());
	s.ask(encode_question(token, "secret"));
	EXPECT_TRUE(s.sender.was_asked());
	for (int i = 0; i < 8; ++i)
	{
		EXPECT_EQ(s.next().answers, tokens{token}) << i;
		EXPECT_FALSE(s.sender.was_asked());
	}
	EXPECT_TRUE(s.next().answers.empty());
	s.ask(encode_question(token, "secret")); // its answers were lost
	EXPECT_EQ(s.next().answers, tokens{token});
}

TEST(beacon_question, what_a_stranger_asks_is_not_answered)
{
	asked_sender s("secret");
	s.next();
	s.ask(encode_question(token, "guess"));
	s.ask("noise");
	s.ask(std::string(1400, 'x'));
	EXPECT_TRUE(s.next().answers.empty());
	asked_sender plain(std::nullopt);
	plain.next();
	plain.ask(encode_question(token, ""));
	EXPECT_TRUE(plain.next().answers.empty());
	EXPECT_FALSE(plain.sender.may_be_asked());
}

TEST(beacon_question, four_watchers_that_ask_at_once_are_all_answered)
{
	asked_tokens asked;
	for (auto const digit : {'1', '2', '3', '4'})
	{
		asked.note(std::string(token_digits, digit));
	}
	std::string said;
	for (int i = 0; i < 2; ++i)
	{
		auto const next = asked.next();
		EXPECT_EQ(next.size(), max_answers);
		for (auto const& one : next)
		{
			said += one.front();
		}
	}
	EXPECT_EQ(said, "1234");
}

TEST(beacon_question, of_many_the_last_four_are_remembered)
{
	asked_tokens asked;
	for (char digit = '0'; digit <= '9'; ++digit)
	{
		asked.note(std::string(token_digits, digit));
	}
	EXPECT_EQ(asked.next().at(0).front(), '6');
	EXPECT_EQ(asked.next().at(1).front(), '9');
}

TEST(beacon_question, eight_targets_of_usual_names_still_fit_beside_two_answers)
{
	auto p = some_progress();
	p.targets.assign(8, test::a_target());
	auto id = an_identity();
	id.boot = "0123456789abcdef";
	id.start_ms = 86'400'000;
	tokens const answers(max_answers, token);
	auto const datagram = sign_beacon(encode_beacon(id, 1'000'000, p, answers), "key");
	EXPECT_LE(datagram.size(), max_beacon_bytes);
	auto const back = decode_beacon(datagram).value();
	EXPECT_EQ(back.p.targets.size(), 8U);
	EXPECT_EQ(back.answers, answers);
}

TEST(beacon_question, the_longest_beacon_with_answers_fits)
{
	std::string const control(1000, '\x01');
	auto p = some_progress();
	p.targets.assign(128, test::a_target());
	p.error = progress_error{5, control};
	tokens const answers(max_answers, token);
	for (auto& t : p.targets)
	{
		t.device = t.error = t.note = control;
	}
	EXPECT_LE(
		sign_beacon(encode_beacon({control, control, control, control, control, 1}, 1, p, answers), "key")
			.size(),
		max_beacon_bytes);
}

TEST(beacon_question, answers_that_are_no_tokens_are_left_out_and_no_more_than_two_are_read)
{
	auto const read = [](std::string const& list) {
		return decode_beacon(
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","answers":)" + list + "}");
	};
	EXPECT_EQ(read(R"([1,"x","0123456789abcdef",{}])").value().answers, tokens{token});
	EXPECT_EQ(
		read(R"(["0123456789abcdef","0123456789abcdef","0123456789abcdef"])").value().answers.size(), 2U);
	EXPECT_FALSE(read("7"));
}

} // namespace rawswarm
