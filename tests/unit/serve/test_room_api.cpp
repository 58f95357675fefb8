// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/room_api.hpp"
#include "tests/unit/room/room_sample.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace rawswarm
{
namespace
{

using json = nlohmann::ordered_json;
using boost::asio::ip::make_address;

constexpr auto* room_json = R"({ "version": 1, "machines": { "pc-01": { "mac": "52:54:00:00:00:01" } } })";
constexpr auto* order = R"({"order":"image","machines":"pc-01","image":"b"})";

class orders_by_http : public ::testing::Test
{
protected:
	orders_by_http()
	{
		m_question.path = room_api::path;
		m_question.host = "10.0.0.1";
		m_question.content_type = "application/json";
		m_question.peer = make_address("10.0.0.5");
	}

	http_reply post(std::string_view const body)
	{
		m_question.method = "POST";
		m_question.body = body;
		return m_api.answer(m_question);
	}

	json list()
	{
		auto question = m_question;
		question.method = "GET";
		auto const reply = m_api.answer(question);
		EXPECT_EQ(reply.status, 200u);
		EXPECT_EQ(reply.type, "application/json");
		return json::parse(*reply.body);
	}

	bool is_ordered() const { return m_book->list().at("machines").at(0).at("next") == "image"; }

	test::sample_room m_folder{room_json};
	std::unique_ptr<room_book> m_book = m_folder.open();
	room_requests m_requests{{.book = *m_book, .heard = {}, .wake = {}}};
	room_api m_api{m_requests, "correct-horse-battery"};
	http_question m_question;
};

TEST_F(orders_by_http, everybody_sees_them_and_learns_whether_he_may_give_any)
{
	auto const seen = list();
	EXPECT_EQ(seen.at("machines").at(0).at("name"), "pc-01");
	EXPECT_EQ(seen.at("needs_token"), true);
	m_question.peer = make_address("::1");
	EXPECT_EQ(list().at("needs_token"), false);
	EXPECT_EQ(list().dump().find("correct-horse"), std::string::npos);
}

TEST_F(orders_by_http, without_the_token_nothing_changes)
{
	auto const reply = post(order);
	EXPECT_EQ(reply.status, 401u);
	EXPECT_EQ(reply.headers, "WWW-Authenticate: Bearer\r\n");
	EXPECT_EQ(
		*reply.body, "{\"error\":\"orders need the token that rawswarm serve printed at its start\"}\n");
	m_question.authorization = "Bearer correct-horse-batterx";
	EXPECT_EQ(post(order).status, 401u);
	EXPECT_FALSE(is_ordered());
}

TEST_F(orders_by_http, who_may_give_none_may_send_little)
{
	constexpr std::size_t large = room_api::max_body_bytes;
	EXPECT_EQ(m_api.body_limit(m_question, large), room_api::max_stranger_bytes);
	EXPECT_GE(m_api.body_limit(m_question, 100), 100u) << "enough to be told why";
	m_question.authorization = "Bearer correct-horse-battery";
	EXPECT_EQ(m_api.body_limit(m_question, large), large);
	m_question.authorization = {};
	m_question.peer = make_address("::1");
	EXPECT_EQ(m_api.body_limit(m_question, large), large);
}

TEST_F(orders_by_http, a_wrong_token_counts_for_a_large_order_as_for_a_small_one)
{
	m_question.authorization = "Bearer correct-horse-batterx";
	for (int i = 0; i < order_access::tries_at_once; ++i)
	{
		EXPECT_EQ(m_api.body_limit(m_question, room_api::max_body_bytes), room_api::max_stranger_bytes);
	}
	m_question.authorization = "Bearer correct-horse-battery";
	EXPECT_EQ(m_api.body_limit(m_question, room_api::max_body_bytes), room_api::max_stranger_bytes);
	EXPECT_EQ(post(order).status, 429u);
}

TEST_F(orders_by_http, with_it_the_order_is_carried_out_and_seen_at_once)
{
	EXPECT_EQ(list().at("machines").at(0).at("next"), "disk");
	m_question.authorization = "Bearer correct-horse-battery";
	auto const reply = post(order);
	EXPECT_EQ(reply.status, 200u) << *reply.body;
	EXPECT_EQ(json::parse(*reply.body).at("machines"), json::parse(R"(["pc-01"])"));
	EXPECT_TRUE(is_ordered());
	EXPECT_EQ(list().at("machines").at(0).at("next"), "image");
}

TEST_F(orders_by_http, what_is_wrong_is_a_status_and_a_sentence)
{
	m_question.peer = make_address("127.0.0.1");
	EXPECT_EQ(post("").status, 400u);
	auto const unknown = post(R"({"order":"image","machines":"pc-02","image":"b"})");
	EXPECT_EQ(unknown.status, 400u);
	EXPECT_NE(json::parse(*unknown.body).at("error").get<std::string>().find("did you mean \"pc-01\"?"),
		std::string::npos);
	EXPECT_EQ(post(R"({"order":"capture","machines":"pc-01","image":"a"})").status, 409u);
	m_question.origin = "http://attacker.example";
	EXPECT_EQ(post(order).status, 403u);
	m_question.origin = {};
	m_question.content_type = "text/plain";
	EXPECT_EQ(post(order).status, 415u);
	EXPECT_FALSE(is_ordered());
}

TEST_F(orders_by_http, who_guesses_is_slowed_down)
{
	m_question.authorization = "Bearer guess-guess-guess";
	for (int i = 0; i < order_access::tries_at_once; ++i)
	{
		EXPECT_EQ(post(order).status, 401u);
	}
	auto const reply = post(order);
	EXPECT_EQ(reply.status, 429u);
	EXPECT_EQ(reply.headers, "Retry-After: 1\r\n");
}

} // namespace
} // namespace rawswarm
