// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/target_state.hpp"

#include <algorithm>
#include <array>

namespace rawswarm
{

namespace
{

struct transition
{
	job_state from;
	target_event event;
	job_state to;
};

constexpr std::array<transition, 10> transitions{{
	{job_state::planning, target_event::opened, job_state::downloading},
	{job_state::planning, target_event::opened_to_check, job_state::checking},
	{job_state::planning, target_event::opened_to_serve, job_state::seeding},
	{job_state::checking, target_event::checked, job_state::downloading},
	{job_state::checking, target_event::opened_to_serve, job_state::seeding},
	{job_state::downloading, target_event::downloaded, job_state::flushing},
	{job_state::flushing, target_event::safe, job_state::seeding},
	{job_state::flushing, target_event::safe_to_verify, job_state::verifying},
	{job_state::verifying, target_event::verified, job_state::seeding},
	{job_state::seeding, target_event::served, job_state::done},
}};

} // namespace

std::optional<job_state> next_state(job_state const state, target_event const event) noexcept
{
	if (event == target_event::error)
	{
		return is_final(state) ? std::nullopt : std::optional(job_state::failed);
	}
	auto const it = std::ranges::find_if(
		transitions, [=](transition const& t) { return t.from == state && t.event == event; });
	return it == transitions.end() ? std::nullopt : std::optional(it->to);
}

job_state overall_state(std::span<target_progress const> const targets) noexcept
{
	bool failed = false;
	auto behind = job_state::done;
	for (auto const& t : targets)
	{
		failed = failed || t.state == job_state::failed;
		if (!is_final(t.state))
		{
			behind = std::min(behind, t.state);
		}
	}
	return behind == job_state::done && failed ? job_state::failed : behind;
}

} // namespace rawswarm
