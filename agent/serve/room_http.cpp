// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/room_http.hpp"

#include "agent/progress/report_json.hpp"
#include "agent/serve/report_intake.hpp"

#include <memory>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::string_view report_path = "/report/";
constexpr std::string_view capture_path = "/capture/";
constexpr std::string_view announce_path = "/announce";
constexpr std::string_view scrape_path = "/scrape";

// A room of 500 machines that start together, each with one connection or two. A connection takes some KiB,
// and files are not held in memory.
constexpr std::size_t max_connections = 2048;

// The torrent of a capture, and what pages and tools ask for beside it.
constexpr std::size_t max_held_bytes = max_captured_torrent + std::size_t(32) * 1024 * 1024;

http_reply bencoded_reply(std::string text)
{
	http_reply reply;
	reply.body = std::make_shared<std::string const>(std::move(text));
	return reply;
}

http_server_options options_for(std::vector<std::string> names, http_body_limit limit)
{
	http_server_options options;
	options.names = std::move(names);
	options.name_hint = "; --http-name allows another";
	options.headers = page_headers;
	options.body_limit = std::move(limit);
	options.max_connections = max_connections;
	options.max_held_bytes = max_held_bytes;
	return options;
}

} // namespace

room_http::room_http(environment env, std::vector<std::string> names)
	: m_env(env)
	, m_server(env.ios,
		  options_for(std::move(names),
			  [this](http_question const& question, std::size_t const length) {
				  return body_limit(question, length);
			  }),
		  [this](http_question const& question) { return answer(question); })
{}

// Before the content is read: who has no token may send little, and so does not take what all clients may
// hold.
std::size_t room_http::body_limit(http_question const& question, std::size_t const length) const
{
	auto const path = question.path;
	if (path == room_api::path)
	{
		return m_env.orders.body_limit(question, length);
	}
	if (path.starts_with(report_path))
	{
		return m_env.book.read_token(path.substr(report_path.size())) ? max_report_bytes
																	  : room_api::max_stranger_bytes;
	}
	if (path.starts_with(capture_path))
	{
		auto const meant = m_env.book.read_token(path.substr(capture_path.size()));
		return meant && meant.value().captures ? max_captured_torrent : room_api::max_stranger_bytes;
	}
	return 0;
}

http_reply room_http::answer(http_question const& question)
{
	auto const path = question.path;
	if (path == announce_path)
	{
		return bencoded_reply(
			m_env.torrents.announce(question.query, question.peer, question.local, tracker::clock::now()));
	}
	if (path == scrape_path)
	{
		return bencoded_reply(m_env.torrents.scrape(question.query, tracker::clock::now()));
	}
	if (path == room_api::path)
	{
		return m_env.orders.answer(question);
	}
	if (path.starts_with(capture_path))
	{
		return captures(question, path.substr(capture_path.size()));
	}
	if (path.starts_with(report_path))
	{
		return question.method == "POST" ? take_report(m_env.book, path.substr(report_path.size()), question)
										 : make_reply(405, "reports come by POST");
	}
	if (auto reply = m_env.machines.answer(question))
	{
		return std::move(*reply);
	}
	return m_env.page.answer(question);
}

http_reply room_http::captures(http_question const& question, std::string_view const token)
{
	auto const meant = m_env.book.read_token(token);
	if (!meant || !meant.value().captures)
	{
		return make_reply(403, "the token is of no capture of this room");
	}
	auto const& name = meant.value().image;
	auto answer = question.method == "POST" ? m_env.captures.take(std::string(token), name, question.body)
											: m_env.captures.tell(std::string(token), name);
	return make_reply(answer.status, std::move(answer.text));
}

} // namespace rawswarm
