// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/overrides.hpp"

#include "agent/manifest/manifest_checks.hpp"
#include "agent/manifest/parse_flag.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rawswarm
{

namespace
{

result<void> parse_target_flags(job_flags const& flags, job_overrides& out)
{
	BOOST_OUTCOME_TRYV(parse_flag(flags.torrent, "--torrent", parse_location, out.torrent));
	BOOST_OUTCOME_TRYV(parse_flag(flags.device, "--device", parse_device, out.device));
	out.create_file = flags.create_file;
	BOOST_OUTCOME_TRYV(parse_flag(flags.role, "--role", check_role, out.role));
	return parse_flag(flags.existing, "--existing", check_existing, out.existing);
}

result<void> parse_swarm_flags(job_flags const& flags, job_overrides& out)
{
	out.no_lsd = flags.no_lsd;
	for (auto const& text : flags.listen)
	{
		std::vector<endpoint> listeners;
		BOOST_OUTCOME_TRYV(parse_flag(text, "--listen", parse_listeners, listeners));
		std::ranges::copy(listeners, std::back_inserter(out.listen));
	}
	BOOST_OUTCOME_TRYV(parse_flag(flags.peers, "--peer", parse_host_port, out.peers));
	auto urls = flags.trackers;
	out.torrents_trackers = std::erase(urls, "torrent") > 0;
	BOOST_OUTCOME_TRYV(parse_flag(urls, "--tracker", tracker_url::parse, out.trackers));
	return parse_flag(flags.web_seeds, "--web-seed", parse_url, out.web_seeds);
}

result<void> parse_ending_flags(job_flags const& flags, job_overrides& out)
{
	BOOST_OUTCOME_TRYV(parse_flag(flags.verify, "--verify", check_verify, out.verify));
	BOOST_OUTCOME_TRYV(parse_flag(flags.on_success, "--on-success", check_on_success, out.on_success));
	return parse_flag(flags.on_failure, "--on-failure", check_on_failure, out.on_failure);
}

template <class T>
void set(std::optional<T> const& value, T& out)
{
	if (value)
	{
		out = *value;
	}
}

template <class T>
void set(std::vector<T> const& values, std::vector<T>& out)
{
	if (!values.empty())
	{
		out = values;
	}
}

// Before anything is changed.
result<void> check_targets(job_overrides const& flags, std::size_t targets)
{
	if (targets == 0 && !flags.torrent)
	{
		return json_location::of_flag("--torrent").refuse("needed, with --device, when there is no job");
	}
	if (targets == 0 && !flags.device)
	{
		return json_location::of_flag("--device").refuse("needed, with --torrent, when there is no job");
	}
	if (targets > 1 && (flags.torrent || flags.device))
	{
		return json_location::of_flag(flags.torrent ? "--torrent" : "--device")
			.refuse("of which target? The job has {}", targets);
	}
	return success();
}

// What is about targets, or about how long an image is served.
result<void> check_capture(job_overrides const& flags)
{
	std::pair<bool, char const*> const given[] = {
		{flags.torrent.has_value(), "--torrent"},
		{flags.device.has_value(), "--device"},
		{flags.role.has_value(), "--role"},
		{flags.existing.has_value(), "--existing"},
		{flags.create_file, "--create-file"},
		{!flags.web_seeds.empty(), "--web-seed"},
		{flags.seed_seconds.has_value(), "--seed-seconds"},
		{flags.verify.has_value(), "--verify"},
	};
	auto const* const found = std::ranges::find(given, true, &std::pair<bool, char const*>::first);
	return found == std::end(given)
		? success()
		: result<void>(json_location::of_flag(found->second).refuse("the job captures, and has no target"));
}

void apply_to_targets(job_overrides const& flags, std::vector<manifest_target>& out)
{
	if (out.empty())
	{
		out.emplace_back();
	}
	set(flags.torrent, out.front().torrent);
	if (flags.device)
	{
		out.front().device = flags.device->name;
		out.front().selector = flags.device->selector;
	}
	for (auto& target : out)
	{
		set(flags.role, target.role);
		set(flags.existing, target.existing);
		target.create_file = target.create_file || flags.create_file;
	}
}

void apply_to_swarm(job_overrides const& flags, manifest_swarm& out)
{
	set(flags.listen, out.listen);
	set(flags.peers, out.peers);
	if (flags.torrents_trackers || !flags.trackers.empty())
	{
		out.trackers = flags.trackers;
		out.torrents_trackers = flags.torrents_trackers;
	}
	set(flags.web_seeds, out.web_seeds);
	out.lsd = out.lsd && !flags.no_lsd;
}

void apply_to_seeding(job_overrides const& flags, bool flags_alone, manifest& out)
{
	if (flags.seed_seconds)
	{
		out.seed_until.total = *flags.seed_seconds;
		out.seed_until.idle = std::chrono::seconds(0);
		out.seed_until.forever = false;
	}
	else if (flags_alone && out.targets.front().role == target_role::seed)
	{
		out.seed_until = {.idle = {}, .total = {}, .ratio = 0, .forever = true};
	}
}

} // namespace

result<job_overrides> parse_overrides(job_flags const& flags)
{
	job_overrides out;
	BOOST_OUTCOME_TRYV(parse_flag(flags.name, "--name", check_text, out.name));
	BOOST_OUTCOME_TRYV(parse_target_flags(flags, out));
	BOOST_OUTCOME_TRYV(parse_swarm_flags(flags, out));
	if (flags.seed_seconds)
	{
		BOOST_OUTCOME_TRY(
			total, check_seconds(*flags.seed_seconds, json_location::of_flag("--seed-seconds")));
		out.seed_seconds = total;
	}
	BOOST_OUTCOME_TRYV(parse_flag(flags.beacons, "--beacon", parse_destination, out.beacons));
	BOOST_OUTCOME_TRYV(parse_flag(flags.memory, "--memory", check_memory, out.memory));
	BOOST_OUTCOME_TRYV(parse_ending_flags(flags, out));
	return out;
}

result<void> apply(job_overrides const& flags, manifest& out)
{
	auto const flags_alone = out.targets.empty();
	BOOST_OUTCOME_TRYV(out.capture ? check_capture(flags) : check_targets(flags, out.targets.size()));
	set(flags.name, out.name);
	apply_to_swarm(flags, out.swarm);
	if (!out.capture)
	{
		apply_to_targets(flags, out.targets);
		apply_to_seeding(flags, flags_alone, out);
	}
	set(flags.beacons, out.beacon.to);
	set(flags.memory, out.storage.memory);
	set(flags.verify, out.verify);
	set(flags.on_success, out.on_success);
	set(flags.on_failure, out.on_failure);
	return success();
}

} // namespace rawswarm
