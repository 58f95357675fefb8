// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/report_json.hpp"

#include "agent/progress/progress_json.hpp"
#include "base/clean_text.hpp"

#include <nlohmann/json.hpp>

#include <span>
#include <utility>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

constexpr std::size_t max_short_text = 4096; // of an error that must fit beside little else

json job_phases_json(progress const& p)
{
	json phases = json::array();
	for (auto const& phase : p.phases)
	{
		phases.push_back({{"state", to_string(phase.state)}, {"elapsed_ms", phase.elapsed.count()}});
	}
	return phases;
}

json volumes_json(std::span<volume_progress const> const volumes)
{
	json all = json::array();
	for (auto const& v : volumes)
	{
		all.push_back({{"device", v.device}, {"url", v.source}, {"sha256", v.sha256}, {"bytes", v.bytes},
			{"written", v.written}});
	}
	return all;
}

} // namespace

std::string report_as_json(progress const& last, int const exit_code, std::string_view const report_failure)
{
	json targets = json::array();
	for (auto const& t : last.targets)
	{
		targets.push_back(target_as_json(t));
	}
	json report{{"version", 1}, {"state", to_string(last.state)}, {"exit_code", exit_code},
		{"elapsed_ms", last.uptime.count()}, {"partition_tables", tables_as_json(last.tables)},
		{"targets", std::move(targets)}, {"storage", storage_as_json(last.storage)}};
	if (!last.volumes.empty())
	{
		report["volumes"] = volumes_json(last.volumes);
	}
	if (!last.phases.empty())
	{
		report["phases"] = job_phases_json(last);
	}
	if (last.limit)
	{
		report["limit"] = {{"by", to_string(last.limit->by)}, {"text", last.limit->text}};
	}
	if (last.error)
	{
		report["error"] = {{"code", last.error->code}, {"text", last.error->text}};
	}
	if (!report_failure.empty())
	{
		report["report"] = {{"error", report_failure}};
	}
	// names of devices and torrents may hold any bytes
	return report.dump(-1, ' ', true, json::error_handler_t::replace);
}

std::string short_report_as_json(progress const& last, int const exit_code, std::size_t const max_bytes)
{
	auto text = report_as_json(last, exit_code);
	if (text.size() <= max_bytes)
	{
		return text;
	}
	auto cut = last;
	cut.targets.clear();
	cut.tables.clear();
	cut.volumes.clear();
	cut.limit.reset();
	if (cut.error)
	{
		cut.error->text = cut_text(cut.error->text, max_short_text);
	}
	return report_as_json(cut, exit_code);
}

} // namespace rawswarm
