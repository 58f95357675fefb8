// SPDX-License-Identifier: BSD-3-Clause
#include "agent/control/control_answers.hpp"

#include "agent/control/control_message.hpp"
#include "agent/log/log.hpp"
#include "agent/progress/console.hpp"
#include "agent/progress/progress_json.hpp"
#include "base/clean_text.hpp"
#include "base/format_duration.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

json levels_json(log::level_set const& levels)
{
	json j = json::object();
	for (std::size_t i = 0; i < log::component_names.size(); ++i)
	{
		if (auto const l = levels.of(static_cast<log::component>(i)))
		{
			j[std::string(log::component_names.at(i))] = log::to_string(*l);
		}
	}
	return j;
}

json settings_json(agent_settings const& settings)
{
	json targets = json::array();
	for (auto const& t : settings.targets)
	{
		targets.push_back({{"device", t.device}, {"writers", t.writers}, {"readers", t.readers},
			{"coalesce",
				{{"max_blocks", t.max_blocks}, {"min_blocks", t.min_blocks},
					{"timeout_ms", t.timeout.count()}}}});
	}
	return {{"memory", settings.memory}, {"threads", settings.threads}, {"targets", std::move(targets)}};
}

struct peer_number
{
	char const* key;
	std::int64_t peer_progress::*value;
};

struct peer_flag
{
	char const* key;
	bool peer_progress::*value;
};

constexpr peer_number peer_numbers[] = {{"down", &peer_progress::down}, {"up", &peer_progress::up},
	{"downloaded", &peer_progress::downloaded}, {"uploaded", &peer_progress::uploaded}};

constexpr peer_flag peer_flags[] = {{"dialled", &peer_progress::is_ours},
	{"wanted", &peer_progress::is_wanted}, {"serves", &peer_progress::is_serving},
	{"wants", &peer_progress::wants}, {"on_parole", &peer_progress::on_parole}};

json peer_json(peer_progress const& p)
{
	json j;
	j["address"] = p.address;
	j["client"] = p.client;
	for (auto const& [key, value] : peer_numbers)
	{
		j[key] = p.*value;
	}
	j["done"] = rounded(p.done);
	for (auto const& [key, value] : peer_flags)
	{
		j[key] = p.*value;
	}
	return j;
}

json peers_json(status_report const& report, std::size_t const target)
{
	json all = json::array();
	for (auto const& of : report.peers)
	{
		if (of.target == target)
		{
			for (auto const& p : of.peers)
			{
				all.push_back(peer_json(p));
			}
		}
	}
	return all;
}

json target_json(status_report const& report, std::size_t const number)
{
	auto const& t = report.now.targets[number];
	auto j = target_as_json(t);
	j["down"] = t.down;
	j["up"] = t.up;
	j["peers"] = t.peers;
	if (t.eta_s)
	{
		j["eta_s"] = *t.eta_s;
	}
	if (!t.note.empty())
	{
		j["note"] = t.note;
	}
	j["peer_list"] = peers_json(report, number);
	return j;
}

// The target as if it were the only one.
progress alone(progress const& all, target_progress const& t)
{
	progress p;
	p.state = t.state;
	p.targets.push_back(t);
	p.error = t.error.empty() ? all.error : progress_error{0, t.error};
	if (all.targets.size() == 1)
	{
		p.storage = all.storage;
	}
	return p;
}

void add_error(json& j, progress const& p)
{
	if (p.error)
	{
		j["error"] = {{"code", p.error->code}, {"text", p.error->text}};
	}
}

json status_as_json(status_report const& report)
{
	auto const& now = report.now;
	json targets = json::array();
	for (std::size_t i = 0; i < now.targets.size(); ++i)
	{
		targets.push_back(target_json(report, i));
	}
	json j{{"pid", report.process}, {"job", report.job}, {"state", to_string(now.state)},
		{"elapsed_ms", now.uptime.count()}, {"log", levels_json(report.levels)},
		{"settings", settings_json(report.settings)}, {"partition_tables", tables_as_json(now.tables)},
		{"targets", std::move(targets)}, {"storage", storage_as_json(now.storage)}};
	add_error(j, now);
	return j;
}

} // namespace

std::string status_as_text(status_report const& report)
{
	auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(report.now.uptime);
	auto text = fmt::format("process {}{}, up {}: {}\n", report.process,
		report.job.empty() ? "" : fmt::format(", job {}", clean_text(report.job)), format_duration(seconds),
		to_string(report.now.state));
	for (auto const& t : report.now.targets)
	{
		text += fmt::format("  {}: {}\n", clean_text(t.device), format_line(alone(report.now, t)));
	}
	return text;
}

std::string status_line(status_report const& report, bool const as_text)
{
	return answer_line(as_text ? json{{"text", status_as_text(report)}} : status_as_json(report));
}

std::string levels_line(pid_t const process, log::level_set const& levels)
{
	return answer_line({{"pid", process}, {"log", levels_json(levels)}});
}

std::string change_levels(pid_t const process, std::string const& levels)
{
	auto const wanted = log::parse_levels(levels);
	if (!wanted)
	{
		return error_line(wanted.error());
	}
	log::set_levels(wanted.value());
	auto const now = log::levels();
	log::get(log::component::agent).info("log levels: {}", to_string(now));
	return levels_line(process, now);
}

std::string settings_line(pid_t const process, agent_settings const& settings, log::level_set const& levels)
{
	return answer_line(
		{{"pid", process}, {"settings", settings_json(settings)}, {"log", levels_json(levels)}});
}

std::string ended_line(pid_t const process, progress const& last, int const exit_code)
{
	json j{{"pid", process}, {"state", to_string(last.state)}, {"exit_code", exit_code}};
	add_error(j, last);
	return answer_line(j);
}

} // namespace rawswarm
