// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/after_steps.hpp"

#include "agent/log/log.hpp"
#include "agent/machine/kernel_partitions.hpp"
#include "base/clean_text.hpp"
#include "base/run_program.hpp"

#include <csignal>

namespace rawswarm
{

namespace
{

std::string how_it_ended(program_end const& end, std::chrono::seconds const timeout)
{
	constexpr int by_signal = 128;
	auto text = end.timed_out ? fmt::format("it had not ended after {} seconds", timeout.count())
		: end.exit_code > by_signal && end.exit_code <= by_signal + SIGRTMAX
		? fmt::format("signal {}", end.exit_code - by_signal)
		: fmt::format("exit code {}", end.exit_code);
	auto const said = last_line(end);
	return said.empty() ? text : fmt::format("{}: {}", text, cut_text(said, max_printed_bytes));
}

result<void> run_one(
	after_step const& step, std::vector<std::string> const& environment, std::stop_token const& stop)
{
	auto& logger = log::get(log::component::agent);
	auto const& name = step.exec.front();
	auto words = step.exec;
	words.front() = program_in_path(name);
	program_options options;
	options.variables = environment;
	options.timeout = step.timeout;
	options.stop = stop;
	options.on_line = [&](std::string_view const line) { logger.info("{}: {}", name, clean_text(line)); };
	logger.info("running {}", name);
	BOOST_OUTCOME_TRY(end, run_program(words, options));
	if (end.was_stopped)
	{
		return fail(fault::internal, "running {}: it was stopped", name);
	}
	if (end.exit_code != 0 || end.timed_out)
	{
		return fail(fault::internal, "running {}: {}", name, how_it_ended(end, step.timeout));
	}
	return success();
}

} // namespace

result<void> check_steps(std::span<after_step const> const steps)
{
	for (auto const& step : steps)
	{
		if (program_in_path(step.exec.front()).empty())
		{
			return fail(
				fault::refused, "running {}: there is no such program on this machine", step.exec.front());
		}
	}
	return success();
}

std::vector<std::string> steps_environment(std::string const& job, std::vector<std::string> const& devices)
{
	std::string all;
	std::string partitions;
	for (auto const& device : devices)
	{
		all += (all.empty() ? "" : " ") + device;
		for (auto const& p : kernel_partitions_of(device))
		{
			partitions += (partitions.empty() ? "" : " ") + p.node;
		}
	}
	return {"RAWSWARM_JOB=" + job, "RAWSWARM_DEVICE=" + (devices.empty() ? std::string() : devices.front()),
		"RAWSWARM_DEVICES=" + all, "RAWSWARM_PARTITIONS=" + partitions};
}

result<void> run_steps(std::span<after_step const> const steps, std::vector<std::string> const& environment,
	std::stop_token const& stop)
{
	for (auto const& step : steps)
	{
		if (stop.stop_requested())
		{
			break;
		}
		BOOST_OUTCOME_TRYV(run_one(step, environment, stop));
	}
	return success();
}

} // namespace rawswarm
