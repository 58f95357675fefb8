// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/http_post.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/network/loopback_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace rawswarm
{

namespace
{

using std::chrono::steady_clock;
using test::always;
using test::empty_reply;
using test::loopback_server;
using test::ok_reply;
using test::value_of;

constexpr std::chrono::seconds long_limit{20};

http_posting posting_to(std::string const& target, std::string_view const body)
{
	return {value_of(parse_url(target)), "application/json", body};
}

test::reply with_body(std::string const& status, std::string const& body)
{
	return {"HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
}

// Answers with the status for so many requests, then well.
test::reply_maker busy_for(int const requests, std::string const& status)
{
	auto const asked = std::make_shared<std::atomic<int>>(0);
	return [asked, requests, status](test::http_request const&) {
		return ++*asked > requests ? ok_reply("taken") : empty_reply(status);
	};
}

std::string failure_of(http_posting const& what, std::chrono::milliseconds const limit)
{
	auto const answer = post_until(what, steady_clock::now() + limit);
	return answer ? "there was an answer" : answer.error().text;
}

} // namespace

TEST(http_post, body_type_and_authorization_arrive_as_they_are)
{
	loopback_server const server(always(ok_reply("thanks")));
	std::string const body("{\"zero\":\"\0\"}", 12);
	auto what = posting_to(server.url("/report/0f1e?x=1"), body);
	what.authorization = "Bearer abc";
	auto const answer = value_of(http_post(what, steady_clock::now() + long_limit));
	EXPECT_EQ(answer.status, 200U);
	EXPECT_EQ(answer.body, "thanks");
	auto const requests = server.requests();
	ASSERT_EQ(requests.size(), 1U);
	auto const& request = requests.front();
	EXPECT_EQ(request.method_string(), "POST");
	EXPECT_EQ(request.target(), "/report/0f1e?x=1");
	EXPECT_EQ(request["Content-Type"], "application/json");
	EXPECT_EQ(request["Authorization"], "Bearer abc");
	EXPECT_EQ(request.body(), body);
}

TEST(http_post, an_empty_body_is_sent_with_its_length)
{
	loopback_server const server(always(empty_reply("204 No Content")));
	EXPECT_EQ(
		value_of(http_post(posting_to(server.url("/"), ""), steady_clock::now() + long_limit)).status, 204U);
	EXPECT_EQ(server.requests().front()["Content-Length"], "0");
}

TEST(http_post, the_body_of_a_refusal_is_there_to_be_told)
{
	loopback_server const server(always(with_body("507 Insufficient Storage", "images has 3 GiB\nleft")));
	auto const answer =
		value_of(http_post(posting_to(server.url("/"), "x"), steady_clock::now() + long_limit));
	EXPECT_EQ(answer.body, "images has 3 GiB\nleft");
	EXPECT_EQ(describe_answer(answer), "the server answered 507 Insufficient Storage: images has 3 GiB");
}

TEST(http_post, a_server_that_refuses_before_it_has_read_all_is_heard)
{
	// answers after the headers, and never reads the 8 MiB behind them
	boost::asio::io_context context;
	boost::asio::ip::tcp::acceptor acceptor(
		context, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
	std::thread server([&] {
		auto client = acceptor.accept();
		std::string const reply = "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n";
		boost::system::error_code ec;
		client.write_some(boost::asio::buffer(reply), ec);
		client.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ec);
		std::string some(4096, '\0');
		while (!ec)
		{
			client.read_some(boost::asio::buffer(some), ec);
		}
	});
	std::string const body(8 << 20, 'x');
	auto const at = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
	EXPECT_EQ(value_of(http_post(posting_to(at, body), steady_clock::now() + long_limit)).status, 413U);
	server.join();
}

TEST(http_post, a_redirect_is_an_answer_and_not_followed)
{
	loopback_server const server(always(empty_reply("307 Temporary Redirect", "Location: /other\r\n")));
	EXPECT_EQ(failure_of(posting_to(server.url("/"), "x"), long_limit),
		"posting to " + server.url("/") + ": the server answered 307 Temporary Redirect");
	EXPECT_EQ(server.requests().size(), 1U);
}

TEST(http_post, a_server_that_is_busy_for_a_moment_gets_it_again)
{
	loopback_server const server(busy_for(2, "503 Service Unavailable"));
	auto what = posting_to(server.url("/"), "x");
	int waits = 0;
	what.on_wait = [&](error const& why) {
		++waits;
		EXPECT_EQ(
			why.text, "posting to " + server.url("/") + ": the server answered 503 Service Unavailable");
	};
	EXPECT_EQ(value_of(post_until(what, steady_clock::now() + long_limit)).body, "taken");
	EXPECT_EQ(server.requests().size(), 3U);
	EXPECT_EQ(waits, 1);
}

TEST(http_post, a_server_that_is_down_gets_it_once_it_is_there)
{
	std::uint16_t const port = test::silent_server().port(); // closed again
	std::optional<loopback_server> server;
	auto what = posting_to("http://127.0.0.1:" + std::to_string(port) + "/", "x");
	what.on_wait = [&](error const&) { server.emplace(always(ok_reply("taken")), port); };
	EXPECT_EQ(value_of(post_until(what, steady_clock::now() + long_limit)).body, "taken");
}

TEST(http_post, a_server_that_says_no_is_not_asked_again)
{
	loopback_server const server(always(with_body("404 Not Found", "no such token")));
	EXPECT_EQ(failure_of(posting_to(server.url("/report/x"), "x"), long_limit),
		"posting to " + server.url("/report/x") + ": the server answered 404 Not Found: no such token");
	EXPECT_EQ(server.requests().size(), 1U);
}

TEST(http_post, the_caller_may_take_another_status_for_final)
{
	loopback_server const server(always(empty_reply("507 Insufficient Storage")));
	auto what = posting_to(server.url("/"), "x");
	what.is_final = [](unsigned const status) { return status == 507; };
	EXPECT_EQ(failure_of(what, long_limit),
		"posting to " + server.url("/") + ": the server answered 507 Insufficient Storage");
	EXPECT_EQ(server.requests().size(), 1U);
}

TEST(http_post, a_server_that_stays_away_is_given_up_and_the_last_reason_told)
{
	std::uint16_t const port = test::silent_server().port(); // closed again
	auto const at = "http://127.0.0.1:" + std::to_string(port) + "/";
	auto const begin = steady_clock::now();
	EXPECT_EQ(failure_of(posting_to(at, "x"), std::chrono::milliseconds(1500)),
		"posting to " + at + ": connecting to 127.0.0.1 port " + std::to_string(port)
			+ ": Connection refused (tried for 1 s)");
	EXPECT_LT(steady_clock::now() - begin, long_limit);
}

TEST(http_post, a_server_that_hangs_is_left_when_the_try_or_the_time_is_over)
{
	test::silent_server const server;
	auto what = posting_to("http://127.0.0.1:" + std::to_string(server.port()) + "/", "x");
	what.longest_try = std::chrono::seconds(1);
	int waits = 0;
	what.on_wait = [&](error const& why) {
		++waits;
		EXPECT_EQ(why.ec, std::errc::timed_out);
	};
	auto const begin = steady_clock::now();
	EXPECT_FALSE(post_until(what, begin + std::chrono::seconds(2)).has_value());
	EXPECT_EQ(waits, 1);
	EXPECT_LT(steady_clock::now() - begin, long_limit);
}

TEST(http_post, a_request_to_stop_ends_a_try_and_a_wait)
{
	test::silent_server const silent;
	std::uint16_t const closed = test::silent_server().port();
	for (auto const port : {silent.port(), closed})
	{
		auto what = posting_to("http://127.0.0.1:" + std::to_string(port) + "/", "x");
		std::stop_source stop;
		std::thread stopper([&] {
			std::this_thread::sleep_for(std::chrono::milliseconds(100));
			stop.request_stop();
		});
		auto const begin = steady_clock::now();
		EXPECT_FALSE(post_until(what, begin + std::chrono::minutes(1), stop.get_token()).has_value());
		EXPECT_LT(steady_clock::now() - begin, long_limit);
		stopper.join();
	}
}

} // namespace rawswarm
