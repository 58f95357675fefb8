// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/job_limit.hpp"

#include "base/format_duration.hpp"
#include "base/format_size.hpp"

#include <fmt/format.h>

namespace rawswarm
{

namespace
{

// The header of this file says what each is for.
constexpr std::chrono::seconds least_time{2};
constexpr double most_of_it = 0.8;
constexpr double a_third = 1.0 / 3;
constexpr double half = 0.5;
constexpr double steady = 2.0 / 3;
constexpr double least_room = 3;

std::string rate(double const bytes_per_second)
{
	return format_size(static_cast<std::int64_t>(bytes_per_second)) + "/s";
}

std::string percent(double const share)
{
	return fmt::format("{:.0f} %", share * 100);
}

std::string duration(std::chrono::milliseconds const t)
{
	return format_duration(std::chrono::round<std::chrono::seconds>(t));
}

// Of the time from the first byte to the last sync.
double share_of_disk(download_figures const& f)
{
	auto const download = static_cast<double>(f.elapsed.count());
	auto const flush = static_cast<double>(f.flushed.count());
	return (f.waiting_for_disk * download + flush) / (download + flush);
}

bool is_steady(download_figures const& f)
{
	return f.best_rate > 0 && f.rate >= f.best_rate * steady;
}

bool has_reached(download_figures const& f, double const limit)
{
	return f.rate >= limit * most_of_it || (f.rate >= limit * half && f.best_rate >= limit * most_of_it);
}

std::optional<limit_verdict> by_processor(download_figures const& f)
{
	if (f.program >= most_of_it)
	{
		return limit_verdict{
			job_limit::processor, fmt::format("the processor: {} of all its time", percent(f.program))};
	}
	if (f.network_thread >= most_of_it)
	{
		return limit_verdict{job_limit::processor,
			fmt::format("the processor: the thread of the network was busy {} of the time",
				percent(f.network_thread))};
	}
	return {};
}

std::optional<limit_verdict> by_peers(download_figures const& f)
{
	if (f.idle >= a_third)
	{
		return limit_verdict{job_limit::peers,
			fmt::format("peers: for {} of the time none had anything to send", percent(f.idle))};
	}
	if (f.peers >= least_room && f.useful_peers < f.peers * half)
	{
		return limit_verdict{job_limit::peers,
			fmt::format("peers: of {:.0f} only {:.1f} had anything that was lacking, the room waited for its "
						"source",
				f.peers, f.useful_peers)};
	}
	if (f.card && is_steady(f) && f.rate < static_cast<double>(*f.card) * half)
	{
		return limit_verdict{job_limit::peers,
			fmt::format("peers, or the way to them: they sent {}, and the network card takes {}",
				rate(f.rate), rate(static_cast<double>(*f.card)))};
	}
	return {};
}

} // namespace

limit_verdict limit_of(download_figures const& f)
{
	if (f.elapsed + f.flushed < least_time)
	{
		return {job_limit::unclear, "nothing in particular: too short to tell"};
	}
	if (f.job_limit > 0 && has_reached(f, static_cast<double>(f.job_limit)))
	{
		return {job_limit::job,
			fmt::format("the limit that the job sets: {} of {}", rate(f.rate),
				rate(static_cast<double>(f.job_limit)))};
	}
	if (share_of_disk(f) >= a_third)
	{
		return {job_limit::disk,
			fmt::format("the disk: it was waited for {} of the download, and {} at its end",
				percent(f.waiting_for_disk), duration(f.flushed))};
	}
	if (f.alone >= a_third)
	{
		return {job_limit::peers, fmt::format("peers: for {} of the time there was none", percent(f.alone))};
	}
	if (f.card && f.rate >= static_cast<double>(*f.card) * most_of_it)
	{
		return {job_limit::network,
			fmt::format("the network: {} of the {} that the card takes", rate(f.rate),
				rate(static_cast<double>(*f.card)))};
	}
	if (auto verdict = by_processor(f))
	{
		return *std::move(verdict);
	}
	if (auto verdict = by_peers(f))
	{
		return *std::move(verdict);
	}
	if (is_steady(f))
	{
		return {job_limit::network,
			fmt::format("the network: a steady {}, {} of its best seconds", rate(f.rate),
				percent(f.rate / f.best_rate))};
	}
	return {job_limit::unclear, "nothing in particular"};
}

} // namespace rawswarm
