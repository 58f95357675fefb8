// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/boot.hpp"

#include "agent/cli/failure_display.hpp"
#include "agent/cli/kernel_parameters.hpp"
#include "agent/cli/output.hpp"
#include "agent/job/await_job.hpp"
#include "agent/job/end_action.hpp"
#include "agent/job/guarded_work.hpp"
#include "agent/job/job.hpp"
#include "agent/job/job_beacons.hpp"
#include "agent/job/job_power.hpp"
#include "agent/log/log.hpp"
#include "agent/net/fetch.hpp"
#include "base/clean_text.hpp"
#include "base/exit_codes.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::size_t max_command_line_bytes =
	std::size_t(64) * 1024; // the kernel's own limits are 2 to 4 KiB

// One boot, and how it was started.
struct boot_case
{
	kernel_parameters const& parameters;
	boot_options const& options;
	common_options const& common;
};

job_source source_of(kernel_parameters const& parameters)
{
	job_source source;
	source.job = parameters.job;
	source.key_file = parameters.key;
	source.least_serial_number = parameters.least_serial_number;
	source.flags.beacons = parameters.beacons;
	source.flags.on_success = parameters.on_success;
	source.flags.on_failure = parameters.on_failure;
	return source;
}

result<awaited_job> find_job(kernel_parameters const& parameters)
{
	if (parameters.mistake)
	{
		return *parameters.mistake;
	}
	auto const log_wait = [&](error const& why) {
		log::get(log::component::agent)
			.info("waiting for the job{}: {}",
				parameters.timeout.count() == 0 ? std::string()
												: fmt::format(", {} s at most", parameters.timeout.count()),
				why.text);
	};
	return await_job(source_of(parameters), {parameters.timeout, parameters.boot_mac}, log_wait);
}

// Sends the beacons of a failure before there is a job; later ones are sent by run_job().
void send_failure(kernel_parameters const& parameters, error const& e)
{
	boost::asio::io_context ios;
	manifest nameless;
	nameless.beacon.to = parameters.beacons;
	auto beacons = make_beacon_sender(ios, nameless, read_identity(parameters.boot_mac));
	if (!beacons)
	{
		log::get(log::component::beacon).warn("{}", beacons.error().text);
		return;
	}
	progress p;
	p.state = job_state::failed;
	p.error = progress_error{static_cast<int>(e.kind), e.text};
	send_last(*beacons.value(), p);
}

std::string quoted(std::string const& text)
{
	std::string out;
	for (char const c : clean_text(text))
	{
		out += c == '\'' ? "'\\''" : std::string(1, c);
	}
	return "'" + out + "'";
}

// What starts all of it again. It reads the kernel's command line as this boot did, so that it keeps the key
// that jobs must be signed with and all other parameters, and tells none of them.
std::string command_again(
	kernel_parameters const& parameters, boot_options const& options, common_options const& common)
{
	boot_options const usual;
	std::string text = "rawswarm boot";
	if (parameters.mistake)
	{
		return fmt::format(
			"{} --cmdline FILE, FILE being a corrected copy of {}", text, clean_text(options.command_line));
	}
	auto const add = [&text](char const* const flag, std::string const& value, std::string const& usually) {
		text += value == usually ? std::string() : fmt::format(" {} {}", flag, quoted(value));
	};
	add("--cmdline", options.command_line, usual.command_line);
	add("--kmsg", options.kmsg, usual.kmsg);
	add("--socket", options.socket, usual.socket);
	add("--log", common.log, {});
	return text;
}

// Prints the text above the prompt of the shell that the caller of the program opens.
void explain(boot_case const& boot, error const& why)
{
	show_failure(static_cast<int>(why.kind), read_identity(boot.parameters.boot_mac),
		fmt::format("this machine was not imaged: {}; to try again: {}", clean_text(why.text),
			command_again(boot.parameters, boot.options, boot.common)));
}

// Says why, if somebody will read it. Returns the exit code.
int explain_failure(end_action const action, boot_case const& boot, error const& e)
{
	if (action == end_action::proceed)
	{
		log::get(log::component::agent).warn("the boot goes on without an image, as on_failure says");
		return 0;
	}
	if (action == end_action::shell)
	{
		explain(boot, e);
	}
	return static_cast<int>(e.kind);
}

bool by_signal(int const exit_code)
{
	return exit_code > exit_code::first_signal;
}

// Without a job the parameters alone decide.
end_action end_action_without_job(kernel_parameters const& parameters)
{
	return parameters.on_failure.value_or(manifest().on_failure);
}

// The kernel parameter takes precedence over all but --log.
result<void> set_log_levels(
	kernel_parameters const& parameters, common_options const& common, log::level_set const& job)
{
	if (common.log.empty() && !parameters.log.empty())
	{
		log::set_levels(parameters.log);
		return success();
	}
	return log::set_levels_from(common.log, job);
}

// This machine as it will be once its network is up: names that only the network gives have a value.
machine_identity identity_with_network(std::string const& boot_mac)
{
	auto self = read_identity(boot_mac);
	auto const unless_known = [](std::string& name, char const* const value) {
		if (name.empty())
		{
			name = value;
		}
	};
	unless_known(self.mac, "00:00:5e:00:53:01"); // RFC 7042, RFC 5737: for documentation
	unless_known(self.ip, "192.0.2.1");
	unless_known(self.hostname, "host");
	return self;
}

// All that a boot refuses for its command line alone, before it looks for the job.
result<void> check_boot(kernel_parameters const& parameters, common_options const& common)
{
	if (parameters.mistake)
	{
		return *parameters.mistake;
	}
	if (parameters.job.empty())
	{
		return success();
	}
	BOOST_OUTCOME_TRYV(set_log_levels(parameters, common, {}));
	return check_job_source(source_of(parameters), identity_with_network(parameters.boot_mac));
}

int fail_without_job(guarded_work& guard, boot_case const& boot, error const& e)
{
	log::get(log::component::agent).error("{}", e.text);
	send_failure(boot.parameters, e);
	auto const action = end_action_without_job(boot.parameters);
	return guard.end(explain_failure(action, boot, e), action, false);
}

int find_and_run_job(guarded_work& guard, boot_case const& boot)
{
	auto const started = std::chrono::steady_clock::now();
	auto found = find_job(boot.parameters);
	if (!found)
	{
		return fail_without_job(guard, boot, found.error());
	}
	auto const& [job, self] = found.value();
	if (auto set = set_log_levels(boot.parameters, boot.common, job.log); !set)
	{
		return fail_without_job(guard, boot, set.error());
	}
	auto const fetching =
		std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
	int const signals = guard.take_signals(job.exec);
	if (boot.common.sandbox && boot.parameters.sandbox)
	{
		give_up_power(power_of(job));
	}
	auto const outcome = run_job(job, self, signals, {fetching, boot.options.socket});
	int code = print_report(outcome, boot.common);
	auto const action = end_action_of(job, outcome.exit_code);
	if (outcome.exit_code != 0 && outcome.last.error && !by_signal(outcome.exit_code))
	{
		auto const& e = *outcome.last.error;
		code = explain_failure(action, boot, error{static_cast<fault>(e.code), {}, e.text});
	}
	return guard.end(code, action, outcome.is_stuck);
}

} // namespace

result<int> command_boot(boot_options const& options, common_options const& common)
{
	fetch_limits limits;
	limits.max_bytes = max_command_line_bytes;
	BOOST_OUTCOME_TRY(text, fetch(location::of_path(options.command_line), limits));
	auto const parameters = read_kernel_parameters(text);
	if (options.check)
	{
		BOOST_OUTCOME_TRYV(check_boot(parameters, common));
		return 0;
	}
	if (parameters.job.empty() && !parameters.mistake)
	{
		return 0;
	}
	log::add_kmsg(options.kmsg);
	boot_case const boot{parameters, options, common};
	return run_guarded([&](guarded_work& guard) -> result<int> {
		if (auto set = set_log_levels(parameters, common, {}); !set)
		{
			return fail_without_job(guard, boot, set.error());
		}
		return find_and_run_job(guard, boot);
	});
}

} // namespace rawswarm
