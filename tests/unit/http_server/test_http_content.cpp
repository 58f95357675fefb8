// SPDX-License-Identifier: BSD-3-Clause
// Requests with content: which are taken, and what the handler sees of them.
#include "agent/http_server/http_request.hpp"
#include "tests/unit/http_server/running_server.hpp"

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using test::raw_client;
using test::running_server;
using test::status_of;

constexpr std::size_t small_limit = 100;
constexpr std::size_t large_limit = std::size_t(4) * 1024 * 1024;

http_server_options taking_content()
{
	return {.body_limit = [](http_question const& q, std::size_t) {
		return q.path == "/small" ? small_limit : q.path == "/large" ? large_limit : 0;
	}};
}

http_reply echo_body(http_question const& q)
{
	return make_reply(200,
		std::string(q.method) + ' ' + std::string(q.body.substr(0, 64)) + " of "
			+ std::to_string(q.body.size()));
}

std::string post(std::string const& path, std::size_t length, std::string const& body = {})
{
	return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(length)
		+ "\r\n\r\n" + body;
}

std::string answer_to(std::string const& request)
{
	running_server server(taking_content(), echo_body);
	raw_client c(server);
	c.send(request);
	c.socket().shutdown(test::tcp::socket::shutdown_send);
	return c.read_all();
}

} // namespace

TEST(http_content, the_handler_sees_all_of_it)
{
	EXPECT_TRUE(answer_to(post("/small", 5, "hello")).ends_with("POST hello of 5\n"));
	EXPECT_TRUE(answer_to(post("/small", 0)).ends_with("POST  of 0\n"));
	std::string const large(large_limit, 'x');
	EXPECT_TRUE(answer_to(post("/large", large.size(), large)).ends_with("of 4194304\n"));
}

TEST(http_content, a_connection_goes_on_after_it)
{
	running_server server(taking_content(), echo_body);
	raw_client c(server);
	c.send(post("/small", 5, "hello") + post("/small", 3, "a"));
	EXPECT_TRUE(c.read_until("of 5\n").ends_with("POST hello of 5\n"));
	c.send("bcGET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
	EXPECT_TRUE(c.read_until("of 3\n").ends_with("POST abc of 3\n"));
	EXPECT_TRUE(c.read_until("of 0\n").ends_with("GET  of 0\n"));
}

TEST(http_content, what_is_too_large_for_its_path_is_refused_before_it_is_sent)
{
	EXPECT_EQ(status_of(answer_to(post("/small", small_limit + 1))), "HTTP/1.1 413 Payload Too Large");
	EXPECT_EQ(status_of(answer_to("POST /small HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
								  "18446744073709551615\r\n\r\n")),
		"HTTP/1.1 413 Payload Too Large");
}

TEST(http_content, a_client_that_sends_it_all_the_same_reads_why_it_was_refused)
{
	running_server server(taking_content(), echo_body);
	for (int i = 0; i < 20; ++i)
	{
		raw_client c(server);
		std::string const large(1024 * 1024, 'x');
		c.send(post("/small", large.size(), large));
		EXPECT_EQ(status_of(c.read_until("\r\n")), "HTTP/1.1 413 Payload Too Large");
	}
}

TEST(http_content, a_path_that_takes_none_has_no_post)
{
	auto const answer = answer_to(post("/other", 0));
	EXPECT_EQ(status_of(answer), "HTTP/1.1 405 Method Not Allowed");
	EXPECT_NE(answer.find("Allow: GET, HEAD\r\n"), std::string::npos) << answer;
	EXPECT_EQ(status_of(answer_to(post("/other", 5, "hello"))), "HTTP/1.1 413 Payload Too Large");
	EXPECT_NE(answer_to("PUT /small HTTP/1.1\r\nHost: localhost\r\n\r\n").find("Allow: GET, HEAD, POST\r\n"),
		std::string::npos);
}

TEST(http_content, a_query_does_not_change_what_a_path_takes)
{
	EXPECT_TRUE(answer_to(post("/small?x=/other", 5, "hello")).ends_with("POST hello of 5\n"));
	EXPECT_EQ(status_of(answer_to(post("/other?/small", 0))), "HTTP/1.1 405 Method Not Allowed");
}

TEST(http_content, other_methods_have_none)
{
	for (std::string const method : {"GET", "HEAD"})
	{
		auto const answer =
			answer_to(method + " /small HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
		EXPECT_EQ(status_of(answer), "HTTP/1.1 413 Payload Too Large") << method;
	}
}

TEST(http_content, its_length_must_be_said_once)
{
	auto const request = [](std::string const& headers) {
		return status_of(answer_to("POST /small HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\nhello"));
	};
	EXPECT_EQ(request("Transfer-Encoding: chunked\r\n"), "HTTP/1.1 411 Length Required");
	EXPECT_EQ(request("Content-Length: 5\r\nContent-Length: 6\r\n"), "HTTP/1.1 400 Bad Request");
	EXPECT_EQ(request("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), "HTTP/1.1 400 Bad Request");
	EXPECT_EQ(request("Content-Length: -5\r\n"), "HTTP/1.1 400 Bad Request");
}

TEST(http_content, it_is_not_read_for_another_host)
{
	EXPECT_EQ(
		status_of(answer_to("POST /small HTTP/1.1\r\nHost: attacker.example\r\nContent-Length: 5\r\n\r\n")),
		"HTTP/1.1 421 Misdirected Request");
}

TEST(http_content, a_client_that_waits_to_be_asked_for_it_is_asked)
{
	running_server server(taking_content(), echo_body);
	raw_client c(server);
	auto const waiting = [](std::size_t length) {
		return "POST /small HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: "
			+ std::to_string(length) + "\r\n\r\n";
	};
	c.send(waiting(5));
	EXPECT_EQ(c.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
	c.send("hello");
	EXPECT_TRUE(c.read_until("of 5\n").ends_with("POST hello of 5\n"));
	c.send(waiting(small_limit + 1));
	EXPECT_EQ(status_of(c.read_until("\r\n\r\n")), "HTTP/1.1 413 Payload Too Large");
}

TEST(http_content, a_body_that_stalls_ends_its_connection)
{
	auto options = taking_content();
	options.pace_window = 300ms;
	running_server server(std::move(options), echo_body);
	raw_client c(server);
	c.send(post("/small", 5, "hell"));
	EXPECT_TRUE(c.is_closed());
	EXPECT_EQ(server.connections(), 0u);
}

TEST(http_content, a_body_that_comes_slowly_and_steadily_may_take_many_windows)
{
	auto options = taking_content();
	options.pace_window = 300ms;
	options.min_pace = 100;
	options.request_time = 300ms; // of the head alone
	running_server server(std::move(options), echo_body);
	raw_client c(server);
	c.send(post("/large", 3000));
	for (int i = 0; i < 30; ++i)
	{
		std::this_thread::sleep_for(50ms); // the client's slowness
		c.send(std::string(100, 'x'));
	}
	EXPECT_TRUE(c.read_until("of 3000\n").ends_with("of 3000\n"));
}

TEST(http_content, bodies_that_do_not_fit_into_what_may_be_held_are_refused)
{
	auto options = taking_content();
	options.max_held_bytes = large_limit;
	running_server server(std::move(options), echo_body);
	raw_client slow(server);
	slow.send("POST /large HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: "
		+ std::to_string(large_limit) + "\r\n\r\n");
	slow.read_until("HTTP/1.1 100 Continue\r\n\r\n"); // it is counted by then
	raw_client refused(server);
	refused.send(post("/small", 5, "hello"));
	EXPECT_EQ(status_of(refused.read_until("\n")), "HTTP/1.1 503 Service Unavailable");
	slow.send(std::string(large_limit, 'x'));
	EXPECT_TRUE(slow.read_until("of 4194304\n").ends_with("of 4194304\n"));
	raw_client later(server);
	later.send(post("/small", 5, "hello"));
	EXPECT_TRUE(later.read_until("of 5\n").ends_with("POST hello of 5\n"));
}

TEST(http_content, the_headers_that_a_handler_may_ask_for_are_those_of_the_request)
{
	running_server server({}, [](http_question const& q) {
		return make_reply(200,
			std::string(q.query) + '|' + std::string(q.host) + '|' + std::string(q.authorization) + '|'
				+ std::string(q.origin) + '|' + std::string(q.content_type) + '|' + q.peer.to_string() + '|'
				+ q.local.to_string());
	});
	raw_client c(server, "127.0.0.9");
	c.send("GET /x?a=%20&b HTTP/1.1\r\nHost: localhost:80\r\nAuthorization:  Bearer abc \r\n"
		   "Origin: http://attacker.example\r\nContent-Type: text/plain\r\nContent-Type: twice\r\n\r\n");
	auto const answer = c.read_until("127.0.0.1\n");
	EXPECT_TRUE(
		answer.ends_with("a=%20&b|localhost:80|Bearer abc|http://attacker.example||127.0.0.9|127.0.0.1\n"))
		<< answer;
}

} // namespace rawswarm
