// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_progress.hpp"

#include "agent/job/target_state.hpp"
#include "agent/job/write_tables.hpp"
#include "base/exit_codes.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace rawswarm
{

namespace
{

std::vector<target_progress> targets_without_plan(manifest const& job, job_state const state)
{
	std::vector<target_progress> targets;
	for (auto const& target : job.targets)
	{
		auto& t = targets.emplace_back();
		t.device = target.device;
		t.info_hash = target.info_hash;
		t.state = state;
	}
	if (job.capture)
	{
		auto& t = targets.emplace_back();
		t.device = job.capture->device;
		t.state = state;
	}
	return targets;
}

std::optional<progress_error> error_of(job_status const& status, job_state const state)
{
	if (status.failure)
	{
		return progress_error{exit_code_of(status), status.failure->text + what_was_changed(status.tables)};
	}
	if (status.signal != 0 && (state != job_state::done || status.owes_finishing))
	{
		return progress_error{exit_code_of(status), fmt::format("stopped by {}", signal_name(status.signal))};
	}
	return {};
}

} // namespace

char const* signal_name(int const signal)
{
	return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

int exit_code_of(job_status const& status)
{
	if (status.failure)
	{
		return static_cast<int>(status.failure->kind);
	}
	return status.signal != 0 ? exit_code::first_signal + status.signal : 0;
}

progress overall_progress(job_status const& status, manifest const& job, std::vector<target_progress> targets)
{
	progress p;
	p.state = status.state <= job_state::partitioning ? status.state : overall_state(targets);
	if (status.state == job_state::partitioning && !status.has_ended)
	{
		std::ranges::for_each(targets, [](target_progress& t) { t.state = job_state::partitioning; });
	}
	// what comes once all targets are done is the job's, too: it is not done yet
	bool const is_done_but_for_finishing =
		p.state == job_state::done && status.signal == 0 && status.is_to_finish;
	if (!status.has_ended && (status.state == job_state::finishing || is_done_but_for_finishing))
	{
		p.state = job_state::finishing;
	}
	p.targets = targets.empty() ? targets_without_plan(job, status.state) : std::move(targets);
	p.tables = status.tables;
	p.volumes = status.volumes;
	p.error = error_of(status, p.state);
	if (status.has_ended && p.error)
	{
		p.state = job_state::failed;
	}
	return p;
}

} // namespace rawswarm
