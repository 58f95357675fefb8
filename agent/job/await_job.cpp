// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/await_job.hpp"

#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest_substitute.hpp"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

namespace rawswarm
{

namespace
{

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Initial values, not measured: short enough to use a DHCP lease soon after it comes, long enough that a room
// of machines does not crowd a server that comes back.
constexpr milliseconds first_pause{250};
constexpr milliseconds longest_pause{4000};

// Every attempt gets at least this long: a shorter one would not have been tried.
constexpr milliseconds shortest_request{1000};

result<awaited_job> try_once(job_source const& source, std::string const& boot_mac)
{
	auto self = read_identity(boot_mac);
	if (waits_for_network(source.job, self))
	{
		return fail(
			fault::network, system_error(ENODEV), "reading {}: looking for a network interface", source.job);
	}
	BOOST_OUTCOME_TRY(job, load_job(source, self));
	return awaited_job{std::move(job), std::move(self)};
}

bool may_pass(error const& e)
{
	return e.kind == fault::network && e.ec;
}

} // namespace

result<awaited_job> await_job(
	job_source source, await_settings const& settings, std::function<void(error const& why)> const& waiting)
{
	bool const limited = settings.timeout.count() != 0;
	auto const until = clock::now() + settings.timeout;
	auto const left = [&] { return std::chrono::duration_cast<milliseconds>(until - clock::now()); };
	auto const request_limit = source.timeout;
	std::string last_reported;
	for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause))
	{
		if (limited)
		{
			source.timeout = std::clamp(left(), std::min(shortest_request, request_limit), request_limit);
		}
		auto job = try_once(source, settings.boot_mac);
		if (job || !may_pass(job.error()))
		{
			return job;
		}
		if (limited && left() <= pause)
		{
			job.error().text += fmt::format(" (tried for {} s)", settings.timeout.count());
			return job;
		}
		if (last_reported != job.error().text)
		{
			last_reported = job.error().text;
			waiting(job.error());
		}
		// nothing announces that a server is up, so it is polled
		std::this_thread::sleep_for(pause);
	}
}

} // namespace rawswarm
