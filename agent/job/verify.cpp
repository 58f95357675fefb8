// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/verify.hpp"

#include "agent/job/image_check.hpp"
#include "agent/job/storage_setup.hpp"
#include "agent/job/target_state.hpp"
#include "storage/device/device_probe.hpp"

#include <libtorrent/torrent_info.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <vector>

namespace rawswarm
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds display_interval{250};

struct running_check
{
	planned_target const* target = nullptr;
	std::atomic<std::int64_t> read{0};
	clock::time_point started = clock::now();
	std::future<result<void>> verdict;
	std::optional<error> failed;
	std::optional<std::chrono::milliseconds> elapsed; // set: it is over
};

result<void> check(running_check& c, manifest_storage const& settings)
{
	BOOST_OUTCOME_TRY(device, open_to_read(*c.target));
	auto const profile = make_profile(kind_of(c.target->spec.device), settings);
	return verify_content(*device, image_of(*c.target), profile, c.read, {});
}

std::chrono::milliseconds since(clock::time_point const t)
{
	return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - t);
}

target_progress progress_of(running_check const& c)
{
	target_progress p;
	p.device = c.target->spec.device;
	p.info_hash = c.target->info_hash;
	p.state = !c.elapsed ? job_state::verifying : c.failed ? job_state::failed : job_state::done;
	p.total = static_cast<std::int64_t>(c.target->extents.total());
	p.done = std::min(c.read.load(), p.total);
	p.error = c.failed ? c.failed->text : "";
	p.phases = {{job_state::verifying, c.elapsed.value_or(since(c.started))}};
	return p;
}

progress progress_of(
	std::span<std::unique_ptr<running_check> const> const checks, clock::time_point const started)
{
	progress p;
	for (auto const& c : checks)
	{
		p.targets.push_back(progress_of(*c));
		if (c->failed && !p.error)
		{
			p.error = progress_error{static_cast<int>(c->failed->kind), c->failed->text};
		}
	}
	p.state = overall_state(p.targets);
	p.uptime = since(started);
	return p;
}

} // namespace

progress verify_targets(std::span<planned_target const> const targets, manifest_storage const& settings,
	std::function<void(progress const&)> const& display)
{
	auto const started = clock::now();
	std::vector<std::unique_ptr<running_check>> checks;
	for (auto const& target : targets)
	{
		auto& c = *checks.emplace_back(std::make_unique<running_check>());
		c.target = &target;
		c.verdict = std::async(std::launch::async, [&c, &settings] { return check(c, settings); });
	}
	for (auto const& c : checks)
	{
		while (c->verdict.wait_for(display_interval) != std::future_status::ready)
		{
			display(progress_of(checks, started));
		}
		if (auto r = c->verdict.get(); !r)
		{
			c->failed = std::move(r).error();
		}
		c->elapsed = since(c->started);
	}
	return progress_of(checks, started);
}

} // namespace rawswarm
