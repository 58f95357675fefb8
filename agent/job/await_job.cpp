// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/await_job.hpp"

#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest_substitute.hpp"
#include "agent/net/ask_again.hpp"
#include "agent/net/uri_reference.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace rawswarm
{

namespace
{

using std::chrono::milliseconds;

// Every attempt gets at least this long: a shorter one would not have been tried.
constexpr milliseconds shortest_request{1000};

result<awaited_job> try_once(job_source const& source, std::string const& boot_mac)
{
	auto self = read_identity(boot_mac);
	if (waits_for_network(source.job, self))
	{
		return fail(fault::network, system_error(ENODEV), "reading {}: looking for a network interface",
			has_url_scheme(source.job) ? printable_uri(source.job) : source.job);
	}
	BOOST_OUTCOME_TRY(job, load_job(source, self));
	return awaited_job{std::move(job), std::move(self)};
}

} // namespace

result<awaited_job> await_job(
	job_source source, await_settings const& settings, std::function<void(error const& why)> const& waiting)
{
	ask_settings const again{.patience = settings.timeout, .on_wait = waiting};
	auto const request_limit = source.timeout;
	auto found = ask_again(again, [&](std::optional<milliseconds> const left) {
		source.timeout = std::clamp(
			left.value_or(request_limit), std::min(shortest_request, request_limit), request_limit);
		return try_once(source, settings.boot_mac);
	});
	if (found)
	{
		found.value().job.fetching.patience = settings.timeout;
	}
	return found;
}

} // namespace rawswarm
