// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/serve_control.hpp"

#include "agent/control/control_answers.hpp"
#include "agent/control/control_message.hpp"
#include "base/clean_text.hpp"
#include "base/format_duration.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include <unistd.h>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

// "3 done, 1 downloading"; empty for none.
std::string counts_text(json const& counts)
{
	std::string text;
	for (auto const& [name, count] : counts.items())
	{
		text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count.get<std::int64_t>(), name);
	}
	return text;
}

} // namespace

std::string serve_status_text(json const& status)
{
	auto const seconds = std::chrono::seconds(status.at("elapsed_ms").get<std::int64_t>() / 1000);
	auto const images = status.at("images_open").get<std::vector<std::string>>();
	auto const machines = counts_text(status.at("machines"));
	auto text =
		fmt::format("process {}, room {}, up {}: serving\n  machines: {}\n  images: {} of {} open{}{}\n",
			status.at("pid").get<pid_t>(), status.at("room").get<std::string>(), format_duration(seconds),
			machines.empty() ? "none" : machines, images.size(), status.at("images").get<std::size_t>(),
			images.empty() ? "" : ": ", fmt::join(images, ", "));
	if (status.contains("error"))
	{
		text += fmt::format("  room.json: {}\n", status.at("error").get<std::string>());
	}
	return clean_text(text, line_breaks::keep);
}

serve_control::serve_control(environment env)
	: m_env(std::move(env))
{}

result<void> serve_control::listen(std::string const& path)
{
	BOOST_OUTCOME_TRY(socket, open_control_socket(path, ::getpid()));
	m_server = std::make_unique<control_server>(m_env.ios, std::move(socket),
		[this](control_request const& request, control_reply const& reply) { on_request(request, reply); });
	return success();
}

json serve_control::status() const
{
	auto const room = m_env.requests.list();
	std::map<std::string, std::int64_t> counts;
	for (auto const& machine : room.at("machines"))
	{
		++counts[machine.at("state").get<std::string>()];
	}
	auto const up = std::chrono::steady_clock::now() - m_started;
	json j{{"pid", ::getpid()}, {"room", room.at("room")}, {"state", "serving"},
		{"elapsed_ms", std::chrono::duration_cast<std::chrono::milliseconds>(up).count()},
		{"machines", counts}, {"images", room.at("images").size()},
		{"images_open", m_env.open_images ? m_env.open_images() : std::vector<std::string>()}};
	if (room.contains("error"))
	{
		j["error"] = room.at("error");
	}
	return j;
}

void serve_control::on_request(control_request const& request, control_reply const& reply)
{
	switch (request.verb)
	{
	case control_verb::status:
	{
		auto const now = status();
		reply(answer_line(request.as_text ? json{{"text", serve_status_text(now)}} : now));
		break;
	}
	case control_verb::log: reply(change_levels(::getpid(), request.levels)); break;
	case control_verb::stop:
		m_stopping.push_back(reply);
		m_env.stop();
		break;
	case control_verb::set:
		reply(error_line(fail(fault::refused,
			"this agent serves a room, whose settings are its options: "
			"only its log can be changed, by rawswarm log")));
		break;
	case control_verb::room:
	{
		auto const answer = m_env.requests.carry_out(request.room, "the socket");
		reply(answer ? answer_line(answer.value()) : error_line(answer.error()));
		break;
	}
	}
}

void serve_control::end(int const exit_code)
{
	for (auto const& reply : m_stopping)
	{
		reply(answer_line({{"pid", ::getpid()}, {"state", "stopped"}, {"exit_code", exit_code}}));
	}
	if (m_server)
	{
		m_server->close();
	}
}

} // namespace rawswarm
