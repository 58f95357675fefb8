// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/commands.hpp"

#include "agent/cli/created_job.hpp"
#include "agent/cli/devices.hpp"
#include "agent/cli/failure_display.hpp"
#include "agent/cli/info.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "agent/job/end_action.hpp"
#include "agent/job/guarded_work.hpp"
#include "agent/job/job_power.hpp"
#include "agent/job/plan.hpp"
#include "agent/job/verify.hpp"
#include "agent/log/log.hpp"
#include "agent/machine/identity.hpp"
#include "agent/progress/console.hpp"
#include "agent/progress/reading_progress.hpp"
#include "agent/progress/report_json.hpp"
#include "base/atomic_file.hpp"
#include "base/format_size.hpp"

#include <libtorrent/torrent_info.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

namespace rawswarm
{

namespace
{

// Lines of what is over within seconds would be of no use in a log; a bar goes away.
constexpr std::chrono::seconds quiet_without_bar{5};

std::chrono::milliseconds since(std::chrono::steady_clock::time_point const t)
{
	return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - t);
}

// The bar ends with it, before the result is printed.
result<create_summary> create_with_progress(create_options options)
{
	using clock = reading_progress::clock;
	bool const bar = wants_bar(stderr);
	console display(stderr, bar);
	reading_progress shown(clock::now(), bar ? clock::duration(0) : quiet_without_bar);
	options.progress = [&](std::int64_t const done, std::int64_t const total) {
		if (auto const now = shown.at(done, total, clock::now()))
		{
			display.update(*now);
		}
	};
	options.note = [](std::string const& text) { log::get(log::component::agent).info("{}", text); };
	return create(options);
}

} // namespace

int print_report(job_outcome const& outcome, common_options const& common)
{
	if (!common.json)
	{
		return outcome.exit_code;
	}
	auto const printed =
		print(report_as_json(outcome.last, outcome.exit_code, outcome.report_failure) + "\n");
	if (printed)
	{
		return outcome.exit_code;
	}
	log::get(log::component::agent).error("{}", printed.error().text);
	return outcome.exit_code == 0 ? static_cast<int>(printed.error().kind) : outcome.exit_code;
}

result<int> command_run(job_source const& source, common_options const& common, std::string const& socket)
{
	return run_guarded([&](guarded_work& guard) -> result<int> {
		auto const started = std::chrono::steady_clock::now();
		auto const self = read_identity();
		BOOST_OUTCOME_TRY(job, load_job(source, self));
		BOOST_OUTCOME_TRYV(log::set_levels_from(common.log, job.log));
		int const signals = guard.take_signals(job.exec);
		if (common.sandbox)
		{
			give_up_power(power_of(job));
		}
		auto const outcome = run_job(job, self, signals, {since(started), socket});
		int const code = print_report(outcome, common);
		auto const action = end_action_of(job, outcome.exit_code);
		if (action == end_action::shell && outcome.last.error && is_at_rescue_console())
		{
			show_failure(code, self, outcome.last.error->text);
		}
		return guard.end(code, action, outcome.is_stuck);
	});
}

result<int> command_check(job_source const& source, common_options const& common)
{
	auto const self = read_identity();
	BOOST_OUTCOME_TRY(job, load_job(source, self));
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log, job.log));
	BOOST_OUTCOME_TRY(plan, make_plan(job));
	BOOST_OUTCOME_TRYV(print(common.json ? plan_as_json(job, plan) + "\n" : plan_as_text(job, plan)));
	return 0;
}

result<int> command_verify(job_source const& source, common_options const& common)
{
	auto const self = read_identity();
	BOOST_OUTCOME_TRY(job, load_job(source, self));
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log, job.log));
	BOOST_OUTCOME_TRY(plan, plan_verification(job));
	console display(stderr, wants_bar(stderr));
	auto const last = verify_targets(plan, job.storage, [&display](progress const& p) { display.update(p); });
	display.update(last);
	int const exit_code = last.error ? last.error->code : 0;
	std::string text;
	if (common.json)
	{
		text = report_as_json(last, exit_code) + "\n";
	}
	for (auto const& t : last.targets)
	{
		if (!t.error.empty())
		{
			log::get(log::component::agent).error("{}", t.error);
		}
		else if (!common.json)
		{
			text += fmt::format("{}: what the torrent says, {}\n", t.device, format_size(t.total));
		}
	}
	auto const printed = print(text);
	if (!printed && exit_code == 0)
	{
		return printed.error();
	}
	return exit_code;
}

result<int> command_devices(common_options const& common)
{
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log));
	auto const disks = list_disks();
	BOOST_OUTCOME_TRYV(print(common.json ? devices_as_json(disks) + "\n" : devices_as_text(disks)));
	return 0;
}

result<int> command_info(std::string const& path, common_options const& common)
{
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log));
	BOOST_OUTCOME_TRY(text, info_of(path, common.json));
	BOOST_OUTCOME_TRYV(print(text));
	return 0;
}

result<int> command_create(
	create_options const& options, std::optional<std::string> const& job, common_options const& common)
{
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log));
	if (job)
	{
		BOOST_OUTCOME_TRYV(check_writable(*job));
	}
	BOOST_OUTCOME_TRY(made, create_with_progress(options));
	if (!made.changes.empty())
	{
		log::get(log::component::agent)
			.warn("{}: {} while it was read, so what is imaged may be none of its states", options.source,
				made.changes);
	}
	if (job)
	{
		BOOST_OUTCOME_TRYV(write_atomically(*job, created_job(options, made, *job)));
	}
	BOOST_OUTCOME_TRYV(
		print(common.json ? summary_as_json(options, made) + "\n" : summary_as_text(options, made)));
	return 0;
}

} // namespace rawswarm
