// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/final_lines.hpp"

#include "base/clean_text.hpp"
#include "base/format_duration.hpp"
#include "base/format_size.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rawswarm
{

namespace
{

using std::chrono::milliseconds;

// A job has up to 128. The report has all.
constexpr std::size_t most_targets = 8;

// Less is no time that anybody wonders about.
constexpr milliseconds least_shown{50};

std::string precise(milliseconds const t)
{
	return t < std::chrono::seconds(10) ? fmt::format("{:.1f}s", std::chrono::duration<double>(t).count())
										: format_duration(std::chrono::round<std::chrono::seconds>(t));
}

char const* name_of(job_state const s)
{
	switch (s)
	{
	case job_state::starting: return "job";
	case job_state::planning: return "plan";
	case job_state::partitioning: return "table";
	case job_state::checking: return "check";
	case job_state::downloading: return "download";
	case job_state::flushing: return "flush";
	case job_state::verifying: return "readback";
	case job_state::seeding: return "serving";
	default: return to_string(s);
	}
}

// " (12.3 MiB/s)"
std::string rate_of(std::int64_t const bytes, milliseconds const t)
{
	return bytes <= 0 || t.count() <= 0 ? "" : fmt::format(" ({}/s)", format_size(bytes * 1000 / t.count()));
}

// " (gaps 4.0s, sync 10s)". The rest of the phase went by writing.
std::string steps_of(target_progress const& t)
{
	std::vector<std::string> steps;
	for (auto const& step : t.steps)
	{
		if (step.elapsed >= least_shown && step.name != "flush")
		{
			steps.push_back(step.name + " " + precise(step.elapsed));
		}
	}
	return steps.empty() ? "" : fmt::format(" ({})", fmt::join(steps, ", "));
}

std::string details(phase_time const& phase, target_progress const& t)
{
	switch (phase.state)
	{
	case job_state::downloading: return rate_of(t.fetched, phase.elapsed);
	case job_state::verifying: return rate_of(t.total, phase.elapsed);
	case job_state::flushing: return steps_of(t);
	default: return {};
	}
}

std::string line_of(target_progress const& t)
{
	std::vector<std::string> phases;
	for (auto const& phase : t.phases)
	{
		// until it began, a target waited for the partition table
		if (phase.elapsed >= least_shown && phase.state != job_state::planning)
		{
			phases.push_back(
				fmt::format("{} {}{}", name_of(phase.state), precise(phase.elapsed), details(phase, t)));
		}
	}
	auto const wire =
		t.wire_fetched > 0 ? fmt::format(", {} over the network", format_size(t.wire_fetched)) : "";
	return fmt::format("{}: {}{}{}{}", clean_text(t.device), format_size(t.total), wire,
		phases.empty() ? "" : ": ", fmt::join(phases, ", "));
}

std::string line_of_job(progress const& p)
{
	auto total = p.uptime;
	std::vector<std::string> phases;
	for (auto const& phase : p.phases)
	{
		total += phase.state == job_state::starting ? phase.elapsed : milliseconds(0);
		if (phase.elapsed >= least_shown)
		{
			phases.push_back(fmt::format("{} {}", name_of(phase.state), precise(phase.elapsed)));
		}
	}
	return fmt::format("{} in all{}{}", precise(total), phases.empty() ? "" : ": ", fmt::join(phases, ", "));
}

} // namespace

std::vector<std::string> final_lines(progress const& p)
{
	if (p.phases.empty())
	{
		return {};
	}
	std::vector<std::string> lines{line_of_job(p)};
	auto const shown = std::min(p.targets.size(), most_targets);
	for (std::size_t i = 0; i < shown; ++i)
	{
		lines.push_back(line_of(p.targets[i]));
	}
	if (shown < p.targets.size())
	{
		lines.push_back(fmt::format("and {} more targets", p.targets.size() - shown));
	}
	if (p.limit)
	{
		lines.push_back("the limit was " + p.limit->text);
	}
	return lines;
}

} // namespace rawswarm
