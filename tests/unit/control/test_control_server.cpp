// SPDX-License-Identifier: BSD-3-Clause
#include "agent/control/control_client.hpp"
#include "agent/control/control_server.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using test::value_of;

control_request const status{control_verb::status, "", false};

// Answers `log` with the levels that were asked for, `status` with long_answer, and keeps each `stop`.
class control_server_test : public ::testing::Test
{
protected:
	control_server_test()
		: m_server(std::make_unique<control_server>(m_ios, value_of(listening_socket::open(m_path)),
			[this](
				control_request const& request, control_reply const& reply) { on_request(request, reply); }))
		, m_thread([this] { m_ios.run(); })
	{}

	~control_server_test() override
	{
		m_ios.stop();
		m_thread.join();
	}

	void on_request(control_request const& request, control_reply const& reply)
	{
		switch (request.verb)
		{
		case control_verb::log: reply(answer_line({{"levels", request.levels}})); break;
		case control_verb::status: reply(answer_line({{"state", m_long_answer}})); break;
		case control_verb::set: reply(answer_line({{"words", request.words}})); break;
		case control_verb::stop: m_kept.push_back(reply); break;
		case control_verb::room: reply(answer_line({{"asked", request.room}})); break;
		}
	}

	// Runs f in the server's thread.
	template <class F>
	void in_server(F f)
	{
		std::promise<void> done;
		boost::asio::post(m_ios, [&] {
			f();
			done.set_value();
		});
		done.get_future().wait();
	}

	std::string answer_to(std::string const& bytes)
	{
		auto const socket = value_of(connect_to_agent(m_path));
		EXPECT_EQ(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
			static_cast<ssize_t>(bytes.size()));
		return all_from(socket.get());
	}

	static std::string all_from(int const socket)
	{
		std::string all;
		std::vector<char> part(65536);
		for (;;)
		{
			auto const length = ::recv(socket, part.data(), part.size(), 0);
			if (length <= 0)
			{
				return all;
			}
			all.append(part.data(), static_cast<std::size_t>(length));
		}
	}

	test::temp_dir m_dir;
	std::string m_path = m_dir / "a.sock";
	std::string m_long_answer = std::string(1'000'000, 'x'); // more than a socket's buffer takes
	std::vector<control_reply> m_kept;
	boost::asio::io_context m_ios;
	boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work{m_ios.get_executor()};
	std::unique_ptr<control_server> m_server;
	std::thread m_thread;
};

} // namespace

TEST_F(control_server_test, answers_one_request_and_hangs_up)
{
	EXPECT_EQ(answer_to(request_line({control_verb::log, "debug", false})),
		"{\"version\":1,\"levels\":\"debug\"}\n");
	auto const answer = value_of(ask_agent(m_path, {control_verb::log, "info", false}));
	EXPECT_EQ(answer.at("levels"), "info");
}

TEST_F(control_server_test, long_answer_arrives_whole)
{
	EXPECT_EQ(value_of(ask_agent(m_path, status)).at("state").get<std::string>().size(), 1'000'000u);
}

TEST_F(control_server_test, orders_of_a_room_come_as_they_were_asked)
{
	std::string const order = R"({"order":"wake","machines":")" + std::string(20'000, 'x') + R"("})";
	auto const answer = value_of(ask_agent(m_path, {control_verb::room, "", false, order}));
	EXPECT_EQ(answer.at("asked"), order);
}

TEST_F(control_server_test, request_in_parts_is_understood)
{
	auto const socket = value_of(connect_to_agent(m_path));
	for (char const c : request_line({control_verb::log, "off", false}))
	{
		ASSERT_EQ(::send(socket.get(), &c, 1, MSG_NOSIGNAL), 1);
		std::this_thread::sleep_for(1ms);
	}
	EXPECT_NE(all_from(socket.get()).find("\"off\""), std::string::npos);
}

TEST_F(control_server_test, what_is_no_request_or_too_long_is_refused_with_the_reason)
{
	EXPECT_NE(answer_to("GET / HTTP/1.1\r\n\r\n").find("it is not an object of JSON"), std::string::npos);
	EXPECT_NE(answer_to(std::string(max_control_request_bytes, ' ')).find("it has more than 65536 bytes"),
		std::string::npos);
}

TEST_F(control_server_test, clients_that_hang_hold_nobody_up_and_are_let_go)
{
	std::vector<unique_fd> silent;
	auto const begin = clock::now();
	for (int i = 0; i < control_server::max_clients - 2; ++i)
	{
		silent.push_back(value_of(connect_to_agent(m_path)));
	}
	// asks for an answer that it does not take
	auto const deaf = value_of(connect_to_agent(m_path));
	auto const line = request_line(status);
	ASSERT_GT(::send(deaf.get(), line.data(), line.size(), MSG_NOSIGNAL), 0);
	EXPECT_TRUE(ask_agent(m_path, {control_verb::log, "info", false}));
	EXPECT_LT(clock::now() - begin, control_server::client_limit);
	EXPECT_EQ(all_from(silent.front().get()), "");
	auto const took = clock::now() - begin;
	EXPECT_GE(took, control_server::client_limit - 100ms);
	EXPECT_LT(took, 2 * control_server::client_limit);
	std::this_thread::sleep_for(1s); // its time began a moment later
	EXPECT_LT(all_from(deaf.get()).size(), m_long_answer.size());
}

TEST_F(control_server_test, more_clients_than_it_takes_are_turned_away_and_those_that_follow_are_served)
{
	std::vector<unique_fd> silent;
	for (int i = 0; i < control_server::max_clients; ++i)
	{
		silent.push_back(value_of(connect_to_agent(m_path)));
	}
	in_server([] {}); // they are accepted one after the other
	auto const refused = ask_agent(m_path, status);
	ASSERT_FALSE(refused);
	EXPECT_EQ(refused.error().kind, fault::network);
	silent.clear();
	bool served = false;
	for (auto const end = clock::now() + 3s; !served && clock::now() < end;)
	{
		served = bool(ask_agent(m_path, status));
	}
	EXPECT_TRUE(served);
}

TEST_F(control_server_test, client_that_stops_the_agent_is_answered_and_let_go_at_the_end)
{
	auto stopping = std::async(std::launch::async, [this] {
		return ask_agent(m_path, {control_verb::stop, "", false}, std::nullopt);
	});
	bool is_kept = false;
	while (!is_kept)
	{
		in_server([&] { is_kept = !m_kept.empty(); });
	}
	in_server([&] {
		m_server->close();
		m_kept.front()(answer_line({{"exit_code", 143}}));
	});
	EXPECT_EQ(stopping.wait_for(50ms), std::future_status::timeout) << "it still holds its devices";
	in_server([&] { m_kept.clear(); });
	EXPECT_EQ(value_of(stopping.get()).at("exit_code"), 143);
	EXPECT_TRUE(is_nobody(ask_agent(m_path, status).error()));
}

TEST_F(control_server_test, agent_that_does_not_answer_is_given_up)
{
	std::promise<void> go_on;
	boost::asio::post(m_ios, [&] { go_on.get_future().wait(); });
	auto const begin = clock::now();
	auto const answer = ask_agent(m_path, status, 1s);
	ASSERT_FALSE(answer);
	EXPECT_EQ(answer.error().text, "asking the agent at " + m_path + ": Connection timed out");
	EXPECT_LT(clock::now() - begin, 2s);
	go_on.set_value();
}

} // namespace rawswarm
