// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_connection.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/network/loopback_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace rawswarm
{
namespace
{

using test::always;
using test::empty_reply;
using test::loopback_server;
using test::reply;

// Bytes 10 to 14 of a file of 100.
web_range some_range()
{
	return {.target = "/disk.img", .begin = 10, .length = 5, .offset = 0, .file_size = 100, .exact = true};
}

reply part(std::string const& range, std::string const& body, std::string const& headers = {})
{
	return {fmt::format("HTTP/1.1 206 Partial Content\r\nConnection: close\r\nContent-Range: {}\r\n"
						"Content-Length: {}\r\n{}\r\n{}",
		range, body.size(), headers, body)};
}

struct outcome
{
	std::string bytes;
	std::optional<web_failure> failure;
};

outcome ask(reply const& answer, web_range const& range = some_range())
{
	loopback_server const server(always(answer));
	web_seed_connection connection(system_lookup, [](std::size_t) {});
	outcome out;
	out.bytes.resize(range.length, '?');
	out.failure = connection.get(test::value_of(parse_url(server.url("/disk.img"))), range, out.bytes.data());
	return out;
}

::testing::AssertionResult refuses(reply const& answer, std::string const& why)
{
	auto const out = ask(answer);
	if (!out.failure || !out.failure->lasting || out.failure->text != why)
	{
		return ::testing::AssertionFailure()
			<< (out.failure ? out.failure->text + (out.failure->lasting ? " (lasting)" : "") : out.bytes);
	}
	return ::testing::AssertionSuccess();
}

::testing::AssertionResult fails_for_now(reply const& answer, std::string const& why)
{
	auto const out = ask(answer);
	if (!out.failure || out.failure->lasting || !out.failure->text.starts_with(why))
	{
		return ::testing::AssertionFailure()
			<< (out.failure ? out.failure->text + (out.failure->lasting ? " (lasting)" : "") : out.bytes);
	}
	return ::testing::AssertionSuccess();
}

} // namespace

TEST(web_seed_connection, a_range_is_asked_for_and_comes)
{
	loopback_server const server(always(part("bytes 10-14/100", "abcde")));
	std::size_t arrived = 0;
	web_seed_connection connection(system_lookup, [&](std::size_t const bytes) { arrived += bytes; });
	std::string bytes(5, '?');

	EXPECT_FALSE(connection.get(test::value_of(parse_url(server.url("/"))), some_range(), bytes.data()));

	EXPECT_EQ(bytes, "abcde");
	EXPECT_EQ(arrived, 5u);
	auto const requests = server.requests();
	ASSERT_EQ(requests.size(), 1u);
	EXPECT_EQ(requests[0].target(), "/disk.img");
	EXPECT_EQ(requests[0]["Range"], "bytes=10-14");
	EXPECT_EQ(requests[0]["Accept-Encoding"], "identity");
}

TEST(web_seed_connection, a_server_that_does_not_know_the_size_is_believed)
{
	auto const out = ask(part("bytes 10-14/*", "abcde"));
	EXPECT_FALSE(out.failure);
	EXPECT_EQ(out.bytes, "abcde");
}

TEST(web_seed_connection, a_body_of_many_parts_comes_whole)
{
	std::string body(1'000'000, 'x');
	for (std::size_t i = 0; i < body.size(); ++i)
	{
		body[i] = static_cast<char>(i % 251);
	}
	auto range = some_range();
	range.length = body.size();
	range.file_size = 2'000'000;
	auto const out = ask(part("bytes 10-1000009/2000000", body), range);
	EXPECT_FALSE(out.failure);
	EXPECT_EQ(out.bytes, body);
}

TEST(web_seed_connection, an_answer_that_does_not_fit_the_range_is_refused)
{
	EXPECT_TRUE(refuses(test::ok_reply(std::string(100, 'x')),
		"asking for bytes=10-14 of /disk.img: the server sends the whole file, as it serves no ranges"));
	EXPECT_TRUE(refuses(part("bytes 10-15/100", "abcdef"),
		"asking for bytes=10-14 of /disk.img: the server sent another range, \"bytes 10-15/100\""));
	EXPECT_TRUE(refuses(part("bytes 9-13/100", "abcde"),
		"asking for bytes=10-14 of /disk.img: the server sent another range, \"bytes 9-13/100\""));
	for (auto const* const range :
		{"", "bytes", "bytes 10-14", "bytes 10-14/", "bytes 10-14/1x", "bytes 10-14/-1", "bytes 10-/100",
			"bytes -14/100", "bytes */100", "units 10-14/100", "bytes 10-99999999999999999999/100"})
	{
		EXPECT_TRUE(refuses(part(range, "abcde"),
			fmt::format(
				"asking for bytes=10-14 of /disk.img: the server sent another range, \"{}\"", range)));
	}
	EXPECT_TRUE(
		refuses(part("bytes 10-14/100", "abcd"), "reading the answer: its length is not that of its range"));
	EXPECT_TRUE(refuses(part("bytes 10-14/100", "abcde", "Content-Encoding: gzip\r\n"),
		"reading the answer: the server sent it with a content encoding"));
}

TEST(web_seed_connection, a_file_of_another_size_cannot_be_the_extent)
{
	EXPECT_TRUE(refuses(part("bytes 10-14/101", "abcde"),
		"asking for /disk.img: it has 101 bytes there and 100 in the torrent"));
	EXPECT_TRUE(refuses(part("bytes 10-14/99", "abcde"),
		"asking for /disk.img: it has 99 bytes there and 100 in the torrent"));
}

TEST(web_seed_connection, an_image_file_may_be_longer_than_the_image_and_not_shorter)
{
	auto range = some_range();
	range.exact = false;
	EXPECT_FALSE(ask(part("bytes 10-14/101", "abcde"), range).failure);
	auto const shorter = ask(part("bytes 10-14/99", "abcde"), range).failure;
	ASSERT_TRUE(shorter);
	EXPECT_EQ(shorter->text, "asking for /disk.img: it has 99 bytes and the image 100");
	EXPECT_TRUE(shorter->lasting);
}

// Such a file may hold the image compressed. The range may end behind it, or begin there.
TEST(web_seed_connection, a_file_that_is_too_short_is_told_apart_from_other_refusals)
{
	auto range = some_range();
	range.exact = false;
	for (auto const& answer : {part("bytes 10-14/99", "abcde"), part("bytes 10-12/13", "abc"),
			 empty_reply("416 Range Not Satisfiable")})
	{
		auto const failure = ask(answer, range).failure;
		ASSERT_TRUE(failure);
		EXPECT_TRUE(failure->is_shorter) << failure->text;
		EXPECT_TRUE(failure->lasting) << failure->text;
	}
	for (auto const& answer : {part("bytes 10-12/100", "abc"), empty_reply("404 Not Found"),
			 empty_reply("503 Service Unavailable")})
	{
		auto const failure = ask(answer, range).failure;
		ASSERT_TRUE(failure);
		EXPECT_FALSE(failure->is_shorter) << failure->text;
	}
}

TEST(web_seed_connection, the_length_of_the_file_is_known_if_the_server_says_it)
{
	for (auto const& [answer, size] :
		{std::pair(part("bytes 10-14/100", "abcde"), std::optional<std::uint64_t>(100)),
			std::pair(part("bytes 10-14/*", "abcde"), std::optional<std::uint64_t>())})
	{
		loopback_server const server(always(answer));
		web_seed_connection connection(system_lookup, [](std::size_t) {});
		std::string bytes(5, '?');
		EXPECT_FALSE(connection.get(test::value_of(parse_url(server.url("/"))), some_range(), bytes.data()));
		EXPECT_EQ(connection.file_size(), size);
	}
}

TEST(web_seed_connection, a_refusal_of_the_server_is_lasting_and_a_busy_server_is_not)
{
	for (auto const* const status : {"404 Not Found", "403 Forbidden", "416 Range Not Satisfiable",
			 "301 Moved Permanently", "204 No Content"})
	{
		EXPECT_TRUE(refuses(
			empty_reply(status), fmt::format("asking for /disk.img: the server answered {}", status)));
	}
	for (auto const* const status : {"503 Service Unavailable", "500 Internal Server Error",
			 "429 Too Many Requests", "408 Request Timeout"})
	{
		EXPECT_TRUE(fails_for_now(
			empty_reply(status), fmt::format("asking for /disk.img: the server answered {}", status)));
	}
}

TEST(web_seed_connection, an_answer_that_breaks_off_fails_for_now)
{
	auto whole = part("bytes 10-14/100", "abcde");
	auto cut = whole;
	cut.bytes.resize(cut.bytes.size() - 2);
	EXPECT_TRUE(fails_for_now(cut, "reading the answer after 3 of 5 bytes: "));
	cut.bytes.resize(40);
	EXPECT_TRUE(fails_for_now(cut, "reading the answer's headers: "));
	EXPECT_TRUE(fails_for_now({"no http at all\r\n\r\n"}, "reading the answer's headers: "));
}

// The server does not announce it: the next request finds out.
TEST(web_seed_connection, a_connection_that_the_server_closed_while_it_was_idle_is_opened_again)
{
	auto answer = part("bytes 10-14/100", "abcde");
	answer.bytes.erase(
		answer.bytes.find("Connection: close\r\n"), std::string("Connection: close\r\n").size());
	loopback_server const server(always(answer));
	web_seed_connection connection(system_lookup, [](std::size_t) {});
	for (int i = 0; i < 3; ++i)
	{
		std::string bytes(5, '?');
		EXPECT_FALSE(connection.get(test::value_of(parse_url(server.url("/"))), some_range(), bytes.data()));
		EXPECT_EQ(bytes, "abcde");
	}
	EXPECT_EQ(server.requests().size(), 3u);
}

TEST(web_seed_connection, a_server_that_is_not_there_fails_for_now)
{
	std::uint16_t port = 0;
	{
		loopback_server const gone(always(test::ok_reply("")));
		port = gone.port();
	}
	web_seed_connection connection(system_lookup, [](std::size_t) {});
	std::string bytes(5, '?');
	auto const failure = connection.get(
		test::value_of(parse_url(fmt::format("http://127.0.0.1:{}/", port))), some_range(), bytes.data());
	ASSERT_TRUE(failure);
	EXPECT_FALSE(failure->lasting);
	EXPECT_TRUE(failure->text.starts_with("connecting to 127.0.0.1 port")) << failure->text;
}

TEST(web_seed_connection, a_server_that_does_not_keep_the_pace_is_slow)
{
	auto range = some_range();
	range.length = 100'000;
	range.file_size = 200'000;
	auto answer = part("bytes 10-100009/200000", std::string(100'000, 'x'));
	answer.bytes.resize(answer.bytes.size() - 90'000);
	answer.then = test::after_reply::drip;
	loopback_server const server(always(answer));
	web_seed_connection connection(system_lookup, [](std::size_t) {});
	connection.begin({1024 * 1024});
	std::string bytes(range.length, '?');
	auto const failure = connection.get(test::value_of(parse_url(server.url("/"))), range, bytes.data());
	ASSERT_TRUE(failure);
	EXPECT_TRUE(failure->is_slow);
	EXPECT_FALSE(failure->lasting);
	EXPECT_TRUE(failure->text.ends_with("less than 1024 KiB/s")) << failure->text;
}

TEST(web_seed_connection, a_server_that_stands_still_is_said_to_send_nothing)
{
	auto range = some_range();
	range.length = 100'000;
	range.file_size = 200'000;
	auto begun = part("bytes 10-100009/200000", std::string(100'000, 'x'));
	begun.bytes.resize(begun.bytes.size() - 90'000);
	for (auto answer : {begun, reply{}})
	{
		answer.then = test::after_reply::hold;
		loopback_server const server(always(answer));
		web_seed_connection connection(system_lookup, [](std::size_t) {});
		connection.begin({1024 * 1024});
		std::string bytes(range.length, '?');
		auto const failure = connection.get(test::value_of(parse_url(server.url("/"))), range, bytes.data());
		ASSERT_TRUE(failure);
		EXPECT_TRUE(failure->is_slow);
		EXPECT_FALSE(failure->lasting);
		EXPECT_TRUE(failure->text.ends_with(": nothing has come for 5 seconds")) << failure->text;
	}
}

TEST(web_seed_connection, a_stop_ends_what_waits_for_a_silent_server)
{
	test::silent_server const server;
	web_seed_connection connection(system_lookup, [](std::size_t) {});
	std::optional<web_failure> failure;
	std::string bytes(5, '?');
	std::thread asking([&] {
		failure =
			connection.get(test::value_of(parse_url(fmt::format("http://127.0.0.1:{}/", server.port()))),
				some_range(), bytes.data());
	});
	connection.stop(); // before, while or after it begins
	asking.join();
	ASSERT_TRUE(failure);
	EXPECT_FALSE(failure->lasting);
}

} // namespace rawswarm
