// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_report.hpp"

#include "agent/beacon/beacon_mac.hpp"
#include "agent/beacon/report_mac.hpp"
#include "agent/job/job_progress.hpp"
#include "agent/log/log.hpp"
#include "agent/net/http_post.hpp"
#include "agent/progress/report_json.hpp"
#include "base/exit_codes.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

// A server that starts again, with its machine, takes less.
constexpr std::chrono::seconds time_if_done{60};
constexpr std::chrono::seconds time_if_failed{15};
constexpr std::chrono::seconds time_if_stopped{5};

std::chrono::seconds time_for(int const exit_code)
{
	return exit_code == 0                      ? time_if_done
		: exit_code >= exit_code::first_signal ? time_if_stopped
											   : time_if_failed;
}

result<void> post_report(manifest const& job, job_outcome const& outcome, std::stop_token const& stop)
{
	auto const body = short_report_as_json(outcome.last, outcome.exit_code, max_report_bytes);
	http_posting posting{*job.report, "application/json", body};
	if (!job.beacon.key_file.empty())
	{
		BOOST_OUTCOME_TRY(key, read_beacon_key(job.beacon.key_file));
		posting.authorization = report_authorization(posting.to.target, body, key);
	}
	auto& logger = log::get(log::component::agent);
	posting.on_wait = [&](error const& why) {
		logger.warn("{}: trying again for {} s", why.text, time_for(outcome.exit_code).count());
	};
	auto const until = std::chrono::steady_clock::now() + time_for(outcome.exit_code);
	BOOST_OUTCOME_TRYV(post_until(posting, until, stop));
	logger.info("{} has the report", to_string(*job.report));
	return success();
}

// The first signal that comes before `over` can be read; 0: none.
int wait_for(int const over, int const signals)
{
	std::array<pollfd, 2> fds{{{over, POLLIN, 0}, {signals, POLLIN, 0}}};
	for (;;)
	{
		int const ready = ::poll(fds.data(), fds.size(), -1);
		if (fds[0].revents != 0 || (ready < 0 && errno != EINTR))
		{
			return 0;
		}
		char signal = 0;
		if (ready > 0 && fds[1].revents != 0)
		{
			if (::read(signals, &signal, 1) == 1)
			{
				return signal;
			}
			fds[1].fd = -1; // nobody sends any
		}
	}
}

} // namespace

void send_report(manifest const& job, int const signals, job_outcome& outcome)
{
	if (!job.report)
	{
		return;
	}
	unique_fd const over(::eventfd(0, EFD_CLOEXEC));
	std::stop_source stop;
	result<void> sent = success();
	std::thread sender([&] {
		sent = post_report(job, outcome, stop.get_token());
		std::uint64_t const one = 1;
		[[maybe_unused]] auto const written = ::write(over.get(), &one, sizeof one);
	});
	int const signal = over ? wait_for(over.get(), signals) : 0;
	if (signal != 0)
	{
		stop.request_stop();
	}
	sender.join();
	if (signal != 0 && outcome.exit_code == 0)
	{
		outcome.exit_code = exit_code::first_signal + signal;
	}
	if (sent)
	{
		return;
	}
	auto const& why = sent.error().text;
	outcome.report_failure = signal == 0 ? why : fmt::format("{}: {}", why, signal_name(signal));
	log::get(log::component::agent).error("{}", outcome.report_failure);
}

} // namespace rawswarm
