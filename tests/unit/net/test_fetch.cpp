// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/fetch.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/network/fetch_outcome.hpp"
#include "tests/support/network/loopback_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

using std::chrono::steady_clock;
using test::after_reply;
using test::always;
using test::at_most;
using test::by_target;
using test::empty_reply;
using test::fetch_from;
using test::fetch_outcome;
using test::long_limit;
using test::loopback_server;
using test::ok_reply;
using test::value_of;

constexpr std::chrono::milliseconds short_limit{300};
std::string const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
// Expects a fetch to end with this text when short_limit has passed, and not much later.
void expect_deadline_holds(std::string const& source, std::string const& text)
{
	auto const begin = steady_clock::now();
	EXPECT_EQ(fetch_outcome(source, fault::network, {.timeout = short_limit}),
		text + ": Connection timed out (the limit for the whole of it is 300 ms)");
	auto const taken = steady_clock::now() - begin;
	EXPECT_GE(taken, short_limit);
	EXPECT_LT(taken, long_limit);
}

// Standard input is a pipe with this text while it lives.
class stdin_text
{
public:
	explicit stdin_text(std::string_view text)
		: m_saved(::dup(STDIN_FILENO))
	{
		std::array<int, 2> ends{};
		EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
		unique_fd const read_end(ends[0]);
		unique_fd const write_end(ends[1]);
		EXPECT_EQ(::write(write_end.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
		EXPECT_EQ(::dup2(read_end.get(), STDIN_FILENO), STDIN_FILENO);
	}
	~stdin_text()
	{
		if (m_saved)
		{
			::dup2(m_saved.get(), STDIN_FILENO);
		}
		else
		{
			::close(STDIN_FILENO);
		}
	}
	stdin_text(stdin_text const&) = delete;
	stdin_text& operator=(stdin_text const&) = delete;

private:
	unique_fd m_saved;
};

} // namespace

TEST(fetch, a_file_is_read_whole_whatever_is_in_it)
{
	test::temp_dir const dir;
	std::string content(200'000, 'x');
	content += std::string("\0\r\n", 3);
	test::write_file(dir / "job", content);
	test::write_file(dir / "empty", "");
	EXPECT_TRUE(value_of(fetch_from(dir / "job")) == content);
	EXPECT_EQ(value_of(fetch_from(dir / "empty")), "");
}

TEST(fetch, a_file_of_just_the_limit_is_read_and_a_larger_one_refused)
{
	test::temp_dir const dir;
	auto const path = dir / "job";
	test::write_file(path, "12345");
	EXPECT_EQ(value_of(fetch_from(path, at_most(5))), "12345");
	EXPECT_EQ(fetch_outcome(path, fault::refused, at_most(4), "reading"), "larger than 4 bytes");
}

TEST(fetch, an_endless_file_is_refused)
{
	EXPECT_EQ(
		fetch_outcome("/dev/zero", fault::refused, at_most(100'000), "reading"), "larger than 100000 bytes");
}

TEST(fetch, a_path_that_cannot_be_read_is_refused)
{
	test::temp_dir const dir;
	EXPECT_EQ(fetch_outcome(dir / "none", fault::refused, {}, "opening"), "No such file or directory");
	EXPECT_EQ(fetch_outcome(dir.path().string(), fault::refused, {}, "reading"), "Is a directory");
}

TEST(fetch, standard_input_is_read_to_its_end_within_the_limit)
{
	{
		stdin_text const input("{\"version\": 1}");
		EXPECT_EQ(value_of(fetch_from("-", at_most(14))), "{\"version\": 1}");
	}
	stdin_text const input("{\"version\": 1}");
	auto const refused = fetch_from("-", at_most(13));
	ASSERT_FALSE(refused.has_value());
	EXPECT_EQ(refused.error().kind, fault::refused);
	EXPECT_EQ(refused.error().text, "reading standard input: larger than 13 bytes");
}

TEST(fetch, http_body_and_request_are_whole)
{
	loopback_server const server(always(ok_reply("a job\n")));
	EXPECT_EQ(value_of(fetch_from(server.url("/lab/3.json?mac=a%20b#top"))), "a job\n");
	auto const requests = server.requests();
	ASSERT_EQ(requests.size(), 1U);
	EXPECT_EQ(requests[0].method_string(), "GET");
	EXPECT_EQ(requests[0].target(), "/lab/3.json?mac=a%20b");
	EXPECT_EQ(requests[0]["Host"], "127.0.0.1:" + std::to_string(server.port()));
	EXPECT_TRUE(requests[0]["User-Agent"].starts_with("rawswarm/"));
}

TEST(fetch, proxies_of_the_environment_are_not_used)
{
	loopback_server const server(always(ok_reply("direct")));
	::setenv("http_proxy", "http://127.0.0.1:1", 1);
	::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	auto const got = fetch_from(server.url("/"));
	::unsetenv("http_proxy");
	::unsetenv("ALL_PROXY");
	EXPECT_EQ(value_of(got), "direct");
}

TEST(fetch, an_empty_body_is_a_body)
{
	loopback_server const server(always(ok_reply("")));
	EXPECT_EQ(value_of(fetch_from(server.url("/"))), "");
}

TEST(fetch, chunks_are_put_together)
{
	loopback_server const server(always({chunked + "5\r\nfirst\r\n6;x=y\r\nsecond\r\n0\r\n\r\n"}));
	EXPECT_EQ(value_of(fetch_from(server.url("/"), at_most(11))), "firstsecond");
}

TEST(fetch, a_body_without_length_ends_with_the_connection)
{
	loopback_server const server(always({"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nall of it"}));
	EXPECT_EQ(value_of(fetch_from(server.url("/"), at_most(9))), "all of it");
}

TEST(fetch, a_length_over_the_limit_is_refused_before_the_body)
{
	// Whoever waited for the body would wait for the deadline.
	loopback_server const server(
		always({"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", after_reply::hold}));
	EXPECT_EQ(fetch_outcome(server.url("/"), fault::refused), "reading the answer: larger than 1000 bytes");
}

TEST(fetch, chunks_over_the_limit_are_refused)
{
	loopback_server const server(
		always({chunked + "5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n", after_reply::hold}));
	EXPECT_EQ(fetch_outcome(server.url("/"), fault::refused, at_most(10)),
		"reading the answer: larger than 10 bytes");
}

TEST(fetch, a_body_without_length_over_the_limit_is_refused)
{
	loopback_server const server(
		always({"HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'), after_reply::hold}));
	EXPECT_EQ(fetch_outcome(server.url("/"), fault::refused), "reading the answer: larger than 1000 bytes");
}

TEST(fetch, a_body_that_breaks_off_is_an_error)
{
	loopback_server const server(by_target({
		{"/length", {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123456789"}},
		{"/nothing", {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"}},
		{"/chunk", {chunked + "5\r\nfir"}},
		{"/last_chunk", {chunked + "5\r\nfirst\r\n"}},
	}));
	for (auto const* const target : {"/length", "/nothing", "/chunk", "/last_chunk"})
	{
		EXPECT_EQ(fetch_outcome(server.url(target), fault::network), "reading the answer: partial message")
			<< target;
	}
}

TEST(fetch, an_encoded_body_is_refused)
{
	loopback_server const server(
		always({"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"}));
	EXPECT_EQ(fetch_outcome(server.url("/"), fault::refused),
		"reading the answer: the server sent it with a content encoding");
	EXPECT_EQ(server.requests().at(0)["Accept-Encoding"], "identity");
}

TEST(fetch, long_headers_are_taken)
{
	loopback_server const server(
		always({"HTTP/1.1 200 OK\r\nX: " + std::string(30'000, 'x') + "\r\nContent-Length: 2\r\n\r\nok"}));
	EXPECT_EQ(value_of(fetch_from(server.url("/"))), "ok");
}

TEST(fetch, what_is_no_http_is_an_error)
{
	loopback_server const server(by_target({
		{"/nothing", {""}},
		{"/mail", {"220 mail.example ready\r\n\r\n"}},
		{"/long", {"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')}},
	}));
	std::string const step = "reading the answer's headers: ";
	EXPECT_EQ(fetch_outcome(server.url("/nothing"), fault::network), step + "end of stream");
	EXPECT_EQ(fetch_outcome(server.url("/mail"), fault::network), step + "bad version");
	EXPECT_EQ(fetch_outcome(server.url("/long"), fault::network), step + "header limit exceeded");
}

TEST(fetch, another_status_is_an_error_with_its_reason)
{
	loopback_server const server(by_target({
		{"/partial", empty_reply("206 Partial Content")},
		{"/large",
			{"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 99999999\r\n\r\n", after_reply::hold}},
	}));
	std::string const answered = "the server answered ";
	EXPECT_EQ(fetch_outcome(server.url("/none"), fault::network), answered + "404 Not Found");
	EXPECT_EQ(fetch_outcome(server.url("/partial"), fault::network), answered + "206 Partial Content");
	EXPECT_EQ(fetch_outcome(server.url("/large"), fault::network), answered + "500 Internal Server Error");
}

TEST(fetch, a_refused_connection_is_an_error)
{
	auto const port = std::to_string(test::silent_server().port()); // closed again
	EXPECT_EQ(fetch_outcome("http://127.0.0.1:" + port + "/job", fault::network),
		"connecting to 127.0.0.1 port " + port + ": Connection refused");
}

TEST(fetch, the_deadline_holds_against_a_server_that_never_answers)
{
	test::silent_server const server;
	expect_deadline_holds(
		"http://127.0.0.1:" + std::to_string(server.port()) + "/", "reading the answer's headers");
}

TEST(fetch, the_deadline_holds_against_a_body_that_never_ends)
{
	loopback_server const server(
		always({"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", after_reply::drip}));
	expect_deadline_holds(server.url("/"), "reading the answer");
}

TEST(fetch, the_deadline_is_one_for_all_redirects)
{
	loopback_server const server(always(empty_reply("302 Found", "Location: /\r\n")));
	auto const why = fetch_outcome(
		server.url("/"), fault::network, {.timeout = std::chrono::milliseconds(50), .max_redirects = 5000});
	EXPECT_TRUE(why.ends_with(": Connection timed out (the limit for the whole of it is 50 ms)")) << why;
}

TEST(fetch, the_error_names_where_redirects_led)
{
	loopback_server const server(by_target({{"/", empty_reply("302 Found", "Location: /next\r\n")}}));
	EXPECT_EQ(fetch_outcome(server.url("/"), fault::network),
		"redirected to " + server.url("/next") + ": the server answered 404 Not Found");
}

TEST(fetch, redirects_are_followed_to_other_paths_and_servers)
{
	loopback_server const other(always(ok_reply("found")));
	loopback_server const server(by_target({
		{"/a/301", empty_reply("301 Moved Permanently", "Location: 302?x=1\r\n")},
		{"/a/302?x=1", empty_reply("302 Found", "Location: /303\r\n")},
		{"/303", empty_reply("303 See Other", "Location: ../307\r\n")},
		{"/307", empty_reply("307 Temporary Redirect", "Location: ?308\r\n")},
		{"/307?308", empty_reply("308 Permanent Redirect", "Location: " + other.url("/job#here") + "\r\n")},
	}));
	EXPECT_EQ(value_of(fetch_from(server.url("/a/301"), at_most(5))), "found");
	EXPECT_EQ(server.requests().size(), 5U);
	EXPECT_EQ(other.requests().at(0)["Host"], "127.0.0.1:" + std::to_string(other.port()));
}

TEST(fetch, redirects_end_at_the_limit)
{
	loopback_server const server(by_target({
		{"/loop", empty_reply("302 Found", "Location: /loop\r\n")},
		{"/1", empty_reply("302 Found", "Location: /2\r\n")},
		{"/2", ok_reply("there")},
	}));
	EXPECT_EQ(fetch_outcome(server.url("/loop"), fault::network), "more than 5 redirects");
	EXPECT_EQ(server.requests().size(), 6U);
	EXPECT_EQ(value_of(fetch_from(server.url("/1"), {.max_redirects = 1})), "there");
	EXPECT_EQ(fetch_outcome(server.url("/1"), fault::network, {.max_redirects = 0}), "more than 0 redirects");
}

TEST(fetch, a_redirect_to_nowhere_is_an_error)
{
	loopback_server const server(by_target({
		{"/none", empty_reply("302 Found")},
		{"/ftp", empty_reply("302 Found", "Location: ftp://a/b\r\n")},
	}));
	EXPECT_EQ(fetch_outcome(server.url("/none"), fault::network), "the server answered 302 Found");
	EXPECT_EQ(fetch_outcome(server.url("/ftp"), fault::network),
		"following a redirect: it must be an http or https URL, not \"ftp://a/b\"");
}

TEST(fetch, an_ipv6_address_is_taken_in_brackets)
{
	boost::asio::io_context context;
	boost::asio::ip::tcp::acceptor acceptor(context);
	boost::system::error_code ec;
	acceptor.open(boost::asio::ip::tcp::v6(), ec);
	if (!ec)
	{
		acceptor.bind({boost::asio::ip::address_v6::loopback(), 0}, ec);
	}
	if (ec)
	{
		GTEST_SKIP() << "no IPv6 here: " << ec.message();
	}
	auto const port = std::to_string(acceptor.local_endpoint().port());
	acceptor.close();
	EXPECT_EQ(fetch_outcome("http://[::1]:" + port + "/", fault::network),
		"connecting to ::1 port " + port + ": Connection refused");
}

} // namespace rawswarm
