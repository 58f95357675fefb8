// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace rawswarm
{

namespace
{

constexpr std::array<char const*, 11> state_names{"starting", "planning", "partitioning", "checking",
	"downloading", "flushing", "verifying", "seeding", "finishing", "done", "failed"};

constexpr std::array<char const*, 6> limit_names{"unclear", "job", "disk", "processor", "network", "peers"};

} // namespace

char const* to_string(job_state s) noexcept
{
	return state_names.at(static_cast<std::size_t>(s));
}

std::optional<job_state> job_state_from(std::string_view name) noexcept
{
	auto const found = std::find(state_names.begin(), state_names.end(), name);
	if (found == state_names.end())
	{
		return std::nullopt;
	}
	return static_cast<job_state>(found - state_names.begin());
}

char const* to_string(job_limit const l) noexcept
{
	return limit_names.at(static_cast<std::size_t>(l));
}

double rounded(double const value) noexcept
{
	auto const result = std::round(value * 1000) / 1000;
	return std::isfinite(result) ? result : 0; // a large value times 1000 is none
}

bool is_final(job_state s) noexcept
{
	return s == job_state::done || s == job_state::failed;
}

progress_totals total_of(std::vector<target_progress> const& targets) noexcept
{
	progress_totals sum;
	for (auto const& t : targets)
	{
		sum.total += t.total;
		sum.done += t.done;
		sum.written += t.written;
		sum.synced += t.synced;
		sum.down += t.down;
		sum.up += t.up;
		sum.to_disk += t.to_disk;
		sum.peers += t.peers;
		if (t.eta_s)
		{
			sum.eta_s = std::max(sum.eta_s.value_or(0), *t.eta_s);
		}
	}
	return sum;
}

std::optional<double> percent_of(job_state s, progress_totals const& t) noexcept
{
	if (t.total <= 0)
	{
		return std::nullopt;
	}
	auto const part = s == job_state::flushing ? t.written : t.done;
	return std::clamp(100.0 * static_cast<double>(part) / static_cast<double>(t.total), 0.0, 100.0);
}

} // namespace rawswarm
