// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/page_answers.hpp"

#include "agent/watch/metrics_text.hpp"
#include "base/parse_number.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::string_view json_type = "application/json";
constexpr std::string_view machines_path = "/api/machines/";

// That are kept for other pages: most follow the tick before, those that were just opened none.
constexpr std::size_t max_events = 4;

// How soon a page that lost the connection tries again. Milliseconds.
constexpr auto* first_event = "retry: 2000\n";

std::string_view type_of(std::string_view const name)
{
	return name.ends_with(".html") ? "text/html; charset=utf-8"
		: name.ends_with(".css")   ? "text/css; charset=utf-8"
		: name.ends_with(".js")    ? "text/javascript; charset=utf-8"
								   : "image/svg+xml";
}

http_reply reply_with(std::string_view type, shared_text body)
{
	http_reply reply;
	reply.type = type;
	reply.body = std::move(body);
	return reply;
}

shared_text share(std::string text)
{
	return std::make_shared<std::string const>(std::move(text));
}

moment now()
{
	return {fleet_clock::now(), std::chrono::system_clock::now()};
}

} // namespace

// Nothing from elsewhere, no script but ours and no text that becomes script; no framing; and other sites
// cannot take what is shown.
char const* const page_headers =
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
	"img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
	"frame-ancestors 'none'; require-trusted-types-for 'script'\r\n"
	"X-Content-Type-Options: nosniff\r\n"
	"Referrer-Policy: no-referrer\r\n"
	"Cross-Origin-Resource-Policy: same-origin\r\n"
	"Cross-Origin-Opener-Policy: same-origin\r\n"
	"Cache-Control: no-store\r\n"
	"X-Accel-Buffering: no\r\n"; // a proxy (nginx) shall pass events on at once

page_answers::page_answers(room_history const& room, room_facts const& facts)
	: m_room(room)
	, m_facts(facts)
{}

void page_answers::update()
{
	m_events.clear();
	m_json = nullptr;
	m_metrics = nullptr;
}

http_reply page_answers::answer(http_question const& question)
{
	if (question.path == "/events")
	{
		http_reply reply;
		reply.type = "text/event-stream";
		reply.stream = [this, sent = std::optional<std::uint64_t>()]() mutable { return next_event(sent); };
		return reply;
	}
	if (question.path == "/metrics")
	{
		return reply_with(metrics_type, metrics());
	}
	if (question.path == "/api/room")
	{
		if (!m_json)
		{
			m_json = share(room_json(m_room, m_facts, now()) + "\n");
		}
		return reply_with(json_type, m_json);
	}
	if (question.path.starts_with(machines_path))
	{
		return machine(question.path.substr(machines_path.size()));
	}
	auto const* const file = m_files.find(question.path == "/" ? "index.html" : question.path.substr(1));
	if (file == nullptr)
	{
		return make_reply(404, "not here: there are /, /api/room, /api/machines/N, /events and /metrics");
	}
	return reply_with(type_of(file->name), file->content);
}

http_reply page_answers::machine(std::string_view const number) const
{
	auto const id = parse_number<std::uint32_t>(number);
	auto const* const found = id ? m_room.find(*id) : nullptr;
	if (found == nullptr)
	{
		return make_reply(404, "no machine has this number");
	}
	return reply_with(json_type, share(machine_json(*found, now()) + "\n"));
}

shared_text page_answers::metrics()
{
	if (!m_metrics)
	{
		m_metrics = share(metrics_text(m_room, m_facts, now()));
	}
	return m_metrics;
}

shared_text page_answers::room_since(std::uint64_t const tick)
{
	for (auto const& [after, event] : m_events)
	{
		if (after == tick)
		{
			return event;
		}
	}
	auto text = std::string(tick == 0 ? first_event : "") + "event: room\ndata: ";
	text += room_json(m_room, m_facts, now(), tick);
	text += "\n\n";
	if (m_events.size() == max_events)
	{
		m_events.erase(m_events.begin());
	}
	return m_events.emplace_back(tick, share(std::move(text))).second;
}

shared_text page_answers::next_event(std::optional<std::uint64_t>& sent)
{
	if (sent == m_room.ticks())
	{
		return nullptr;
	}
	auto event = room_since(sent.value_or(0));
	sent = m_room.ticks();
	return event;
}

} // namespace rawswarm
