// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/job_keys.hpp"

#include "agent/manifest/parse_manifest.hpp"
#include "base/text.hpp"

#include <span>
#include <string>
#include <string_view>

namespace rawswarm
{

namespace
{

using nlohmann::json;

constexpr char const* sample_url = "http://192.0.2.1/jobs/52-54-00-12-34-56.json";
constexpr std::string_view target_place = "/targets/0";
constexpr char const* of_the_server = "the server gives it";

machine_identity sample_machine()
{
	return {.mac = "52:54:00:12:34:56",
		.serial = "SERIAL",
		.uuid = "01234567-89ab-cdef-0123-456789abcdef",
		.hostname = "machine",
		.ip = "192.0.2.2"};
}

json sample_target()
{
	return {{"torrent", "../images/image.torrent"}, {"device", "/dev/disk"}};
}

// A JSON pointer's steps below a place.
json_location below(json_location at, std::string_view const pointer)
{
	for (auto const step : split(pointer, '/'))
	{
		if (step.empty())
		{
			continue;
		}
		std::string key(step);
		for (auto const& [escape, character] : {std::pair("~1", '/'), std::pair("~0", '~')})
		{
			for (auto at_escape = key.find(escape); at_escape != std::string::npos;
				 at_escape = key.find(escape, at_escape + 1))
			{
				key.replace(at_escape, 2, 1, character);
			}
		}
		at = at.member(key);
	}
	return at;
}

// place: where the checked value stands in the job.
result<void> check(json const& job, std::string_view const place, json_location const& at)
{
	BOOST_OUTCOME_TRY(base, parse_location(sample_url));
	auto const parsed =
		parse_manifest(job.dump(-1, ' ', false, json::error_handler_t::replace), base, sample_machine());
	if (parsed)
	{
		return success();
	}
	// "reading URL: /targets/0/grow: must be ..."
	std::string_view text = parsed.error().text;
	if (auto const named = std::string("reading ") + describe(base) + ": "; text.starts_with(named))
	{
		text.remove_prefix(named.size());
	}
	auto const end = text.find(": ");
	if (!text.starts_with('/') || end == std::string_view::npos)
	{
		return at.refuse("{}", text);
	}
	auto pointer = text.substr(0, end);
	pointer.remove_prefix(pointer.starts_with(place) ? place.size() : 0);
	return below(at, pointer).refuse("{}", text.substr(end + 2));
}

result<void> check_free_of(
	json const& object, json_location const& at, std::span<std::string_view const> taken)
{
	if (!object.is_object())
	{
		return at.refuse("must be an object");
	}
	for (auto const key : taken)
	{
		if (object.contains(key))
		{
			return at.member(key).refuse("{}", of_the_server);
		}
	}
	return success();
}

// A null takes away a key that is said further below.
void lay_over(json const& keys, json& sample)
{
	for (auto const& item : keys.items())
	{
		if (!item.value().is_null())
		{
			sample[item.key()] = item.value();
		}
	}
}

} // namespace

result<void> check_job_keys(json const& job, json_location const& at)
{
	static constexpr std::string_view taken[] = {
		"$schema", "version", "name", "for", "targets", "report", "capture"};
	BOOST_OUTCOME_TRYV(check_free_of(job, at, taken));
	json sample{{"version", 1}, {"targets", json::array({sample_target()})}};
	lay_over(job, sample);
	return check(sample, "", at);
}

result<void> check_job_device(json const& device, json_location const& at)
{
	auto target = sample_target();
	target["device"] = device;
	return check(
		{{"version", 1}, {"targets", json::array({target})}}, std::string(target_place) + "/device", at);
}

result<void> check_target_keys(json const& target, json_location const& at)
{
	static constexpr std::string_view taken[] = {"torrent", "info_hash", "device", "role"};
	BOOST_OUTCOME_TRYV(check_free_of(target, at, taken));
	auto sample = sample_target();
	lay_over(target, sample);
	return check({{"version", 1}, {"targets", json::array({sample})}}, target_place, at);
}

} // namespace rawswarm
