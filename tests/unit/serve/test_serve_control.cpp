// SPDX-License-Identifier: BSD-3-Clause
#include "agent/control/control_client.hpp"
#include "agent/serve/serve_control.hpp"
#include "tests/unit/room/room_sample.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <future>
#include <memory>
#include <string>
#include <thread>

#include <unistd.h>

namespace rawswarm
{
namespace
{

using json = nlohmann::ordered_json;
using test::value_of;

constexpr auto* room_json = R"({ "version": 1, "name": "lab-3", "machines": {
	"pc-01": { "mac": "52:54:00:00:00:01" }, "pc-02": { "mac": "52:54:00:00:00:02", "image": "a" } } })";

class socket_of_a_room : public ::testing::Test
{
protected:
	socket_of_a_room()
	{
		EXPECT_TRUE(m_control->listen(m_path));
		m_thread = std::thread([this] { m_ios.run(); });
	}

	~socket_of_a_room() override
	{
		m_ios.stop();
		m_thread.join();
	}

	result<json> ask(control_request const& request) { return ask_agent(m_path, request, std::nullopt); }

	test::sample_room m_folder{room_json};
	test::temp_dir m_dir;
	std::string m_path = m_dir / "room.sock";
	std::unique_ptr<room_book> m_book = m_folder.open();
	room_requests m_requests{{.book = *m_book, .heard = {}, .wake = {}}};
	boost::asio::io_context m_ios;
	boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work{m_ios.get_executor()};
	std::unique_ptr<serve_control> m_control =
		std::make_unique<serve_control>(serve_control::environment{.ios = m_ios,
			.requests = m_requests,
			.open_images = [] { return std::vector<std::string>{"a"}; },
			.stop =
				[this] {
					m_control->end(143);
					m_control.reset();
				}});
	std::thread m_thread;
};

TEST_F(socket_of_a_room, orders_are_carried_out_and_refused_ones_keep_their_code)
{
	auto const answer =
		value_of(ask({control_verb::room, {}, false, R"({"order":"image","machines":"pc-01","image":"b"})"}));
	EXPECT_EQ(answer.at("machines"), json::parse(R"(["pc-01"])"));
	EXPECT_EQ(
		value_of(ask({control_verb::room, {}, false, R"({"order":"list"})"})).at("machines").size(), 2u);
	auto const refused = ask({control_verb::room, {}, false, R"({"order":"wake","machines":"pc-1"})"});
	ASSERT_FALSE(refused);
	EXPECT_EQ(refused.error().kind, fault::usage);
	EXPECT_NE(refused.error().text.find("did you mean \"pc-01\"?"), std::string::npos)
		<< refused.error().text;
	EXPECT_FALSE(ask({control_verb::room, {}, false, ""}));
}

TEST_F(socket_of_a_room, status_counts_machines_by_state_and_names_the_images_that_are_open)
{
	auto const now = value_of(ask({control_verb::status, {}, false}));
	EXPECT_EQ(now.at("pid"), ::getpid());
	EXPECT_EQ(now.at("room"), "lab-3");
	EXPECT_EQ(now.at("state"), "serving");
	EXPECT_EQ(now.at("machines"), json::parse(R"({"ordered":1,"own disk":1})"));
	EXPECT_EQ(now.at("images"), 2);
	EXPECT_EQ(now.at("images_open"), json::parse(R"(["a"])"));
	auto const text = value_of(ask({control_verb::status, {}, true})).at("text").get<std::string>();
	EXPECT_TRUE(text.starts_with(fmt::format("process {}, room lab-3, up ", ::getpid()))) << text;
	EXPECT_TRUE(text.ends_with(": serving\n  machines: 1 ordered, 1 own disk\n  images: 1 of 2 open: a\n"))
		<< text;
}

TEST_F(socket_of_a_room, stop_is_answered_at_the_end)
{
	auto const answer = value_of(ask({control_verb::stop, {}, false}));
	EXPECT_EQ(answer.at("exit_code"), 143);
	EXPECT_EQ(answer.at("pid"), ::getpid());
}

TEST(status_of_a_room, tells_what_is_wrong_with_room_json_and_cannot_control_the_terminal)
{
	json const status{{"pid", 7}, {"room", "lab"}, {"elapsed_ms", 65'000}, {"machines", json::object()},
		{"images", 0}, {"images_open", json::array()}, {"error", "reading room.json: \x1b[2J"}};
	EXPECT_EQ(serve_status_text(status),
		"process 7, room lab, up 1m05s: serving\n  machines: none\n"
		"  images: 0 of 0 open\n  room.json: reading room.json: ?[2J\n");
}

} // namespace
} // namespace rawswarm
