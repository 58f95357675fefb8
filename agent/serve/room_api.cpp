// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/room_api.hpp"

#include "agent/log/log.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

constexpr std::string_view json_type = "application/json";
constexpr std::chrono::seconds list_age{1};

std::string text_of(json const& j)
{
	return j.dump(-1, ' ', true, json::error_handler_t::replace);
}

http_reply reply_with(unsigned const status, std::string text)
{
	http_reply reply;
	reply.status = status;
	reply.type = json_type;
	reply.body = std::make_shared<std::string const>(std::move(text) + "\n");
	return reply;
}

http_reply refusal(unsigned const status, std::string_view const why)
{
	return reply_with(status, text_of({{"error", why}}));
}

unsigned status_of(fault const kind)
{
	switch (kind)
	{
	case fault::usage: return 400;
	case fault::refused: return 409;
	case fault::network: return 502;
	default: return 500;
	}
}

http_reply refusal(order_verdict const verdict)
{
	switch (verdict)
	{
	case order_verdict::foreign_page:
		return refusal(403, "orders are taken from this server's own page alone (Origin)");
	case order_verdict::no_json: return refusal(415, "an order is application/json");
	case order_verdict::too_many_tries:
	{
		auto reply = refusal(429, "too many wrong tokens from this address; try again in a second");
		reply.headers = "Retry-After: 1\r\n";
		return reply;
	}
	default: break;
	}
	auto reply = refusal(401,
		verdict == order_verdict::no_token
			? "orders need the token that rawswarm serve printed at its start"
			: "this is not the token that rawswarm serve printed at its start");
	reply.headers = "WWW-Authenticate: Bearer\r\n";
	return reply;
}

order_sender sender_of(http_question const& q)
{
	return {q.peer, q.host, q.origin, q.content_type, q.authorization, q.forwarded};
}

} // namespace

room_api::room_api(room_requests& requests, std::string token)
	: m_requests(requests)
	, m_access(std::move(token))
{}

http_reply room_api::answer(http_question const& question)
{
	auto const sender = sender_of(question);
	if (question.method == "POST")
	{
		return order(question, sender);
	}
	return show(sender);
}

std::size_t room_api::body_limit(http_question const& question, std::size_t const length)
{
	return length <= max_stranger_bytes
			|| m_access.check(sender_of(question), order_access::clock::now()) == order_verdict::allowed
		? max_body_bytes
		: max_stranger_bytes;
}

http_reply room_api::show(order_sender const& sender)
{
	auto const now = order_access::clock::now();
	if (!m_list || now - m_listed >= list_age)
	{
		auto text = text_of(m_requests.list());
		text.pop_back(); // the brace: one more key follows
		m_list = std::make_shared<std::string const>(std::move(text));
		m_listed = now;
	}
	return reply_with(200,
		*m_list
			+ (order_access::is_this_machine(sender) ? R"(,"needs_token":false})"
													 : R"(,"needs_token":true})"));
}

http_reply room_api::order(http_question const& question, order_sender const& sender)
{
	auto const from = sender.peer.to_string();
	auto const verdict = m_access.check(sender, order_access::clock::now());
	if (verdict != order_verdict::allowed)
	{
		auto reply = refusal(verdict);
		log::get(log::component::agent)
			.warn("room: an order from {} was refused with {}", from, reply.status);
		return reply;
	}
	auto const answer = m_requests.carry_out(question.body, from);
	forget_list();
	if (!answer)
	{
		return refusal(status_of(answer.error().kind), answer.error().text);
	}
	return reply_with(200, text_of(answer.value()));
}

} // namespace rawswarm
