// SPDX-License-Identifier: BSD-3-Clause
// The server with clients of every kind, on loopback.
#include "agent/http_server/http_request.hpp"
#include "tests/unit/http_server/running_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <sys/socket.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using test::raw_client;
using test::running_server;
using test::status_of;

constexpr std::string_view get = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string answer_to(std::string_view request)
{
	running_server server;
	raw_client c(server);
	c.send(request);
	c.socket().shutdown(tcp::socket::shutdown_send);
	return c.read_all();
}

} // namespace

TEST(http_server, a_request_is_answered_by_the_handler)
{
	auto const answer = answer_to(get);
	EXPECT_EQ(status_of(answer), "HTTP/1.1 200 OK");
	EXPECT_NE(answer.find("Content-Length: 8\r\n"), std::string::npos) << answer;
	EXPECT_TRUE(answer.ends_with("\r\n\r\npath /x\n")) << answer;
	EXPECT_EQ(
		status_of(answer_to("GET /missing HTTP/1.1\r\nHost: localhost\r\n\r\n")), "HTTP/1.1 404 Not Found");
}

TEST(http_server, the_handler_sees_the_path_without_its_query)
{
	EXPECT_TRUE(answer_to("GET /a/b?c=d HTTP/1.1\r\nHost: localhost\r\n\r\n").ends_with("path /a/b\n"));
}

TEST(http_server, head_is_answered_without_the_body)
{
	auto const answer = answer_to("HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
	EXPECT_NE(answer.find("Content-Length: 8\r\n"), std::string::npos) << answer;
	EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(http_server, a_connection_carries_several_requests_also_at_once_and_in_pieces)
{
	running_server server;
	raw_client c(server);
	c.send(get);
	EXPECT_NE(c.read_until("path /x\n").find("Connection: keep-alive"), std::string::npos);
	c.send(std::string(get) + std::string(get) + std::string(get.substr(0, 9)));
	EXPECT_FALSE(c.read_until("path /x\n").empty());
	EXPECT_FALSE(c.read_until("path /x\n").empty());
	c.send(get.substr(9));
	EXPECT_TRUE(c.read_until("path /x\n").ends_with("path /x\n"));
}

TEST(http_server, a_client_that_asks_for_it_has_its_connection_closed)
{
	running_server server;
	raw_client c(server);
	c.send("GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	EXPECT_NE(c.read_until("path /x\n").find("Connection: close"), std::string::npos);
	EXPECT_TRUE(c.is_closed());
	raw_client old(server);
	old.send("GET /x HTTP/1.0\r\nHost: localhost\r\n\r\n");
	EXPECT_TRUE(old.read_all().ends_with("path /x\n"));
}

TEST(http_server, only_get_and_head_are_answered)
{
	for (std::string const method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"})
	{
		auto const answer = answer_to(method + " /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
		EXPECT_EQ(status_of(answer), "HTTP/1.1 405 Method Not Allowed") << method;
		EXPECT_NE(answer.find("Allow: GET, HEAD\r\n"), std::string::npos) << answer;
	}
}

TEST(http_server, a_request_for_another_host_is_refused)
{
	auto const host = [](std::string const& name) {
		return status_of(answer_to("GET /x HTTP/1.1\r\nHost: " + name + "\r\n\r\n"));
	};
	EXPECT_EQ(host("attacker.example"), "HTTP/1.1 421 Misdirected Request");
	EXPECT_EQ(host("192.0.2.1"), "HTTP/1.1 421 Misdirected Request");
	EXPECT_EQ(host("127.0.0.1:80"), "HTTP/1.1 200 OK");
	EXPECT_EQ(status_of(answer_to("GET http://localhost/x HTTP/1.1\r\nHost: localhost\r\n\r\n")),
		"HTTP/1.1 400 Bad Request");
}

TEST(http_server, a_name_that_it_is_given_is_its_own)
{
	running_server server({.names = {"rooms.example"}});
	raw_client c(server);
	c.send("GET /x HTTP/1.1\r\nHost: rooms.example:80\r\n\r\n");
	EXPECT_EQ(status_of(c.read_until("path /x\n")), "HTTP/1.1 200 OK");
}

TEST(http_server, a_request_without_one_host_is_refused)
{
	EXPECT_EQ(status_of(answer_to("GET /x HTTP/1.1\r\n\r\n")), "HTTP/1.1 400 Bad Request");
	EXPECT_EQ(status_of(answer_to("GET /x HTTP/1.1\r\nHost: localhost\r\nHost: attacker.example\r\n\r\n")),
		"HTTP/1.1 400 Bad Request");
}

TEST(http_server, a_request_with_content_is_refused)
{
	EXPECT_EQ(status_of(answer_to("GET /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello")),
		"HTTP/1.1 413 Payload Too Large");
	EXPECT_EQ(status_of(answer_to("GET /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
								  "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")),
		"HTTP/1.1 413 Payload Too Large");
}

TEST(http_server, more_headers_than_fit_are_refused)
{
	auto const request =
		"GET /x HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(max_http_request_bytes, 'x');
	EXPECT_EQ(status_of(answer_to(request)), "HTTP/1.1 431 Request Header Fields Too Large");
	EXPECT_EQ(status_of(answer_to("GET /" + std::string(max_http_request_bytes, 'x'))),
		"HTTP/1.1 431 Request Header Fields Too Large");
}

TEST(http_server, what_is_no_request_is_refused)
{
	for (std::string const& text : {std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11),
			 std::string("hello\r\n\r\n"), std::string("GET /x HTTP/1.1\r\nHost localhost\r\n\r\n")})
	{
		EXPECT_EQ(status_of(answer_to(text)), "HTTP/1.1 400 Bad Request") << text;
	}
}

TEST(http_server, a_request_that_does_not_arrive_in_time_ends_its_connection)
{
	running_server server({.request_time = 300ms});
	raw_client silent(server);
	raw_client slow(server);
	slow.send("GET /x HTTP/1.1\r\n");
	EXPECT_TRUE(silent.is_closed());
	EXPECT_TRUE(slow.is_closed());
	EXPECT_EQ(server.connections(), 0u);
}

TEST(http_server, a_connection_without_further_requests_ends)
{
	running_server server({.idle_time = 300ms});
	raw_client c(server);
	c.send(get);
	c.read_until("path /x\n");
	EXPECT_TRUE(c.is_closed());
}

TEST(http_server, an_answer_that_is_not_taken_ends_its_connection)
{
	auto const large = std::make_shared<std::string const>(64 * 1024 * 1024, 'x');
	running_server server({.pace_window = 300ms}, [&](http_question const&) {
		http_reply reply;
		reply.body = large;
		return reply;
	});
	raw_client c(server);
	c.send(get);
	c.read_until("\r\n\r\n");
	for (int i = 0; i < 100 && server.connections() > 0; ++i)
	{
		std::this_thread::sleep_for(50ms);
	}
	EXPECT_EQ(server.connections(), 0u);
	EXPECT_EQ(large.use_count(), 1);
}

TEST(http_server, a_full_server_takes_a_newcomer_in_place_of_the_oldest_of_the_address_that_has_the_most)
{
	running_server server({.max_connections = 4});
	raw_client person(server, "127.0.0.9");
	person.send(get).read_until("path /x\n");
	std::deque<raw_client> crowd;
	for (int i = 0; i < 6; ++i)
	{
		crowd.emplace_back(server).send(get).read_until("path /x\n");
	}
	EXPECT_EQ(server.connections(), 4u);
	EXPECT_TRUE(crowd[0].is_closed());
	EXPECT_TRUE(crowd[2].is_closed());
	EXPECT_TRUE(crowd[5].send(get).read_until("path /x\n").ends_with("path /x\n"));
	EXPECT_TRUE(person.send(get).read_until("path /x\n").ends_with("path /x\n"));
}

TEST(http_server, a_stream_goes_on_whenever_there_is_news)
{
	int news = 0;
	running_server server({}, [&](http_question const&) {
		http_reply reply;
		reply.type = "text/event-stream";
		reply.stream = [&, sent = -1]() mutable -> shared_text {
			if (sent == news)
			{
				return nullptr;
			}
			sent = news;
			return std::make_shared<std::string const>("news " + std::to_string(news) + "\n");
		};
		return reply;
	});
	raw_client c(server);
	c.send(get);
	auto const head = c.read_until("\r\n\r\n");
	EXPECT_EQ(head.find("Content-Length"), std::string::npos) << head;
	EXPECT_EQ(c.read_until("\n"), "news 0\n");
	server.run([&] {
		++news;
		server.server().wake();
		server.server().wake();
	});
	EXPECT_EQ(c.read_until("\n"), "news 1\n");
}

TEST(http_server, a_slow_reader_of_a_stream_misses_parts_and_holds_up_nobody)
{
	int number = 0;
	running_server server({}, [&](http_question const&) {
		http_reply reply;
		reply.stream = [&number]() -> shared_text {
			return std::make_shared<std::string const>(
				std::string(1024 * 1024, '.') + std::to_string(number) + "\n");
		};
		return reply;
	});
	raw_client slow(server);
	slow.send(get).read_until("\r\n\r\n");
	for (int i = 0; i < 100; ++i)
	{
		server.run([&] {
			number = i;
			server.server().wake();
		});
	}
	int parts = 0;
	while (!slow.read_until("\n").ends_with("99\n"))
	{
		++parts;
		server.run([&] { server.server().wake(); });
		ASSERT_LT(parts, 100);
	}
	EXPECT_LT(parts, 90);
}

TEST(http_server, the_headers_of_the_owner_are_in_every_answer)
{
	running_server server({.headers = "X-Mine: yes\r\n"});
	for (std::string const& request :
		{std::string(get), std::string("POST / HTTP/1.1\r\n\r\n"), std::string("x\r\n\r\n")})
	{
		raw_client c(server);
		c.send(request);
		EXPECT_NE(c.read_until("\r\n\r\n").find("\r\nX-Mine: yes\r\n"), std::string::npos) << request;
	}
}

TEST(http_server, an_address_that_is_taken_is_an_error_that_names_it)
{
	running_server const server;
	boost::asio::io_context ios;
	http_server second(ios, {}, test::echo_path);
	endpoint const at{{boost::asio::ip::address_v4::loopback(), {}}, server.port()};
	auto const listening = second.listen(at);
	ASSERT_FALSE(listening.has_value());
	EXPECT_EQ(listening.error().kind, fault::network);
	EXPECT_EQ(listening.error().text, "listening on " + to_string(at) + ": Address already in use");
}

} // namespace rawswarm
