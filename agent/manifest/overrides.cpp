// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/overrides.hpp"

#include "agent/manifest/manifest_checks.hpp"

#include <charconv>
#include <limits>

namespace rawswarm
{

namespace
{

using boost::outcome_v2::success;

// Checks the flag if it was given, and keeps what the check returns.
template <class T, class U>
result<void> set(std::optional<std::string> const& value, char const* flag,
	result<T> (*check)(std::string_view, place const&), U& out)
{
	if (value)
	{
		BOOST_OUTCOME_TRY(checked, check(*value, place::of_flag(flag)));
		out = std::move(checked);
	}
	return success();
}

result<void> set_list(std::vector<std::string> const& values, char const* flag,
	result<std::string> (*check)(std::string_view, place const&), std::vector<std::string>& out)
{
	if (values.empty())
	{
		return success();
	}
	out.clear();
	for (auto const& value : values)
	{
		BOOST_OUTCOME_TRY(checked, check(value, place::of_flag(flag)));
		out.push_back(std::move(checked));
	}
	return success();
}

result<void> set_target(job_overrides const& flags, manifest_target& out)
{
	BOOST_OUTCOME_TRYV(set(flags.torrent, "--torrent", check_torrent, out.torrent));
	if (flags.device)
	{
		out.selector.reset();
	}
	return set(flags.device, "--device", check_path, out.device);
}

result<void> make_target(job_overrides const& flags, manifest& out)
{
	if (!flags.torrent)
	{
		return place::of_flag("--torrent").refuse("needed, with --device, when there is no job");
	}
	if (!flags.device)
	{
		return place::of_flag("--device").refuse("needed, with --torrent, when there is no job");
	}
	return set_target(flags, out.targets.emplace_back());
}

result<void> override_target(job_overrides const& flags, manifest& out)
{
	if (out.targets.size() > 1 && (flags.torrent || flags.device))
	{
		return place::of_flag(flags.torrent ? "--torrent" : "--device")
			.refuse("of which target? The job has {}", out.targets.size());
	}
	return set_target(flags, out.targets.front());
}

result<void> apply_targets(job_overrides const& flags, manifest& out)
{
	BOOST_OUTCOME_TRYV(out.targets.empty() ? make_target(flags, out) : override_target(flags, out));
	for (auto& target : out.targets)
	{
		BOOST_OUTCOME_TRYV(set(flags.role, "--role", check_role, target.role));
		BOOST_OUTCOME_TRYV(set(flags.existing, "--existing", check_existing, target.existing));
	}
	return success();
}

result<void> apply_swarm(job_overrides const& flags, manifest_swarm& out)
{
	BOOST_OUTCOME_TRYV(set(flags.listen, "--listen", check_listen, out.listen));
	BOOST_OUTCOME_TRYV(set_list(flags.peers, "--peer", check_peer, out.peers));
	BOOST_OUTCOME_TRYV(set_list(flags.trackers, "--tracker", check_tracker, out.trackers));
	BOOST_OUTCOME_TRYV(set_list(flags.web_seeds, "--web-seed", check_http_url, out.web_seeds));
	if (flags.no_lsd)
	{
		out.lsd = false;
	}
	return success();
}

result<void> apply_seed_until(job_overrides const& flags, bool flags_alone, manifest& out)
{
	if (flags.seed_seconds)
	{
		BOOST_OUTCOME_TRY(total, check_seconds(*flags.seed_seconds, place::of_flag("--seed-seconds")));
		out.seed_until.total = total;
		out.seed_until.idle = std::chrono::seconds(0);
		out.seed_until.forever = false;
	}
	else if (flags_alone && out.targets.front().role == target_role::seed)
	{
		out.seed_until = {.idle = {}, .total = {}, .ratio = 0, .forever = true};
	}
	return success();
}

// How far the unit's letter shifts a number; 0 for a digit.
int unit_shift(char unit)
{
	switch (unit)
	{
	case 'k':
	case 'K': return 10;
	case 'm':
	case 'M': return 20;
	case 'g':
	case 'G': return 30;
	default: return 0;
	}
}

std::optional<std::int64_t> parse_size(std::string_view text)
{
	auto const shift = text.empty() ? 0 : unit_shift(text.back());
	auto const digits = text.substr(0, text.size() - (shift == 0 ? 0 : 1));
	std::uint64_t number = 0;
	auto const* const end = digits.data() + digits.size();
	auto const [stopped, ec] = std::from_chars(digits.data(), end, number);
	if (stopped != end || digits.empty() || ec == std::errc::invalid_argument)
	{
		return {};
	}
	// What does not fit is past every range, and is refused as that.
	constexpr auto largest = std::numeric_limits<std::int64_t>::max();
	auto const fits = ec == std::errc() && number <= (std::uint64_t(largest) >> shift);
	return fits ? std::int64_t(number << shift) : largest;
}

result<std::optional<std::int64_t>> check_memory(std::string_view text, place const& at)
{
	if (text == "auto")
	{
		return std::optional<std::int64_t>();
	}
	auto const bytes = parse_size(text);
	if (!bytes)
	{
		return at.refuse("must be \"auto\" or bytes, such as 256M, not \"{}\"", printable(text));
	}
	BOOST_OUTCOME_TRY(checked, check_range(*bytes, memory_range, at));
	return std::optional<std::int64_t>(checked);
}

result<void> apply_endings(job_overrides const& flags, manifest& out)
{
	BOOST_OUTCOME_TRYV(set(flags.verify, "--verify", check_verify, out.verify));
	BOOST_OUTCOME_TRYV(set(flags.on_success, "--on-success", check_on_success, out.on_success));
	return set(flags.on_failure, "--on-failure", check_on_failure, out.on_failure);
}

} // namespace

result<void> apply(job_overrides const& flags, manifest& out)
{
	auto next = out;
	auto const flags_alone = next.targets.empty();
	BOOST_OUTCOME_TRYV(set(flags.name, "--name", check_text, next.name));
	BOOST_OUTCOME_TRYV(apply_targets(flags, next));
	BOOST_OUTCOME_TRYV(apply_swarm(flags, next.swarm));
	BOOST_OUTCOME_TRYV(apply_seed_until(flags, flags_alone, next));
	BOOST_OUTCOME_TRYV(set_list(flags.beacons, "--beacon", check_beacon_to, next.beacon.to));
	BOOST_OUTCOME_TRYV(set(flags.memory, "--memory", check_memory, next.storage.memory));
	BOOST_OUTCOME_TRYV(apply_endings(flags, next));
	out = std::move(next);
	return success();
}

} // namespace rawswarm
