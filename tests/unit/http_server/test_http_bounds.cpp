// SPDX-License-Identifier: BSD-3-Clause
// Many clients, slow ones, and what a server holds for them.
#include "base/descriptor_limit.hpp"
#include "tests/unit/http_server/running_server.hpp"

#include <algorithm>
#include <deque>
#include <vector>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using test::raw_client;
using test::running_server;

constexpr std::string_view get = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

// Answers of 4 MiB, each another text; remembers which are still held.
class large_answers
{
public:
	http_reply operator()(http_question const& /*unused*/)
	{
		auto const text = std::make_shared<std::string const>(bytes, 'x');
		m_texts.push_back(text);
		http_reply reply;
		reply.body = text;
		return reply;
	}

	std::size_t held() const
	{
		return static_cast<std::size_t>(
			std::count_if(m_texts.begin(), m_texts.end(), [](auto const& t) { return !t.expired(); }));
	}

	std::size_t given() const { return m_texts.size(); }

	static constexpr std::size_t bytes = std::size_t(4) * 1024 * 1024;

private:
	std::vector<std::weak_ptr<std::string const>> m_texts;
};

} // namespace

TEST(http_bounds, answers_to_slow_clients_take_no_more_than_the_bound)
{
	auto const answers = std::make_shared<large_answers>();
	running_server server({.max_held_bytes = 4 * large_answers::bytes},
		[answers](http_question const& q) { return (*answers)(q); });
	std::deque<raw_client> slow;
	for (int i = 0; i < 40; ++i)
	{
		slow.emplace_back(server);
		slow.back().send(get).read_until("\r\n\r\n");
		std::size_t held = 0;
		server.run([&] { held = answers->held(); });
		ASSERT_LE(held, 4u);
	}
	EXPECT_EQ(answers->given(), 40u);
	EXPECT_LE(server.connections(), 4u);
	EXPECT_TRUE(slow.front().is_closed());
	raw_client fast(server);
	auto const answer =
		fast.send("GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").read_all();
	EXPECT_GT(answer.size(), large_answers::bytes);
}

TEST(http_bounds, parts_of_streams_count_as_well)
{
	auto const answers = std::make_shared<large_answers>();
	running_server server({.max_held_bytes = 4 * large_answers::bytes}, [answers](http_question const& q) {
		http_reply reply;
		reply.stream = [answers, q] { return (*answers)(q).body; };
		return reply;
	});
	std::deque<raw_client> slow;
	for (int i = 0; i < 12; ++i)
	{
		slow.emplace_back(server);
		slow.back().send(get).read_until("\r\n\r\n");
		server.run([&] { server.server().wake(); });
		std::size_t held = 0;
		server.run([&] { held = answers->held(); });
		ASSERT_LE(held, 4u);
	}
}

TEST(http_bounds, an_answer_that_all_are_sent_is_held_once)
{
	auto const text = std::make_shared<std::string const>(large_answers::bytes, 'x');
	running_server server({.max_held_bytes = large_answers::bytes}, [&](http_question const&) {
		http_reply reply;
		reply.body = text;
		return reply;
	});
	std::deque<raw_client> slow;
	for (int i = 0; i < 20; ++i)
	{
		slow.emplace_back(server).send(get).read_until("\r\n\r\n");
	}
	EXPECT_EQ(server.connections(), 20u);
}

TEST(http_bounds, an_answer_larger_than_the_bound_is_given_if_it_is_alone)
{
	auto const answers = std::make_shared<large_answers>();
	running_server server(
		{.max_held_bytes = 1000}, [answers](http_question const& q) { return (*answers)(q); });
	raw_client c(server);
	auto const answer = c.send("GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").read_all();
	EXPECT_GT(answer.size(), large_answers::bytes);
}

TEST(http_bounds, a_thousand_clients_are_served_at_once)
{
	raise_descriptor_limit(); // both ends are this process's
	running_server server({.max_connections = 1200});
	std::deque<raw_client> room;
	for (int i = 0; i < 1000; ++i)
	{
		room.emplace_back(server, ("127.0.1." + std::to_string(1 + i % 250)).c_str());
	}
	for (auto& c : room)
	{
		c.send(get);
	}
	for (auto& c : room)
	{
		ASSERT_TRUE(c.read_until("path /x\n").ends_with("path /x\n"));
	}
	EXPECT_EQ(server.connections(), 1000u);
}

TEST(http_bounds, one_address_that_opens_all_connections_keeps_no_other_out)
{
	running_server server({.max_connections = 50});
	std::deque<raw_client> hostile;
	std::deque<raw_client> room;
	for (int i = 0; i < 200; ++i)
	{
		hostile.emplace_back(server, "127.0.0.66").send("GET /x HTTP/1.1\r\nHost: lo");
		if (i % 10 == 0)
		{
			auto const from = "127.0.1." + std::to_string(1 + i / 10);
			room.emplace_back(server, from.c_str()).send(get).read_until("path /x\n");
		}
	}
	for (auto& c : room)
	{
		ASSERT_TRUE(c.send(get).read_until("path /x\n").ends_with("path /x\n"));
	}
	EXPECT_EQ(server.connections(), 50u);
}

} // namespace rawswarm
