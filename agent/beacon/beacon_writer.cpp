// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_format.hpp"
#include "agent/beacon/beacon_question.hpp"
#include "base/clean_text.hpp"
#include "base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

using nlohmann::ordered_json;

// `,"mac":"<64 hex digits>"`; the closing brace is counted already.
constexpr std::size_t mac_room = 8 + 64 + 1;
constexpr std::size_t max_unsigned_bytes = max_beacon_bytes - mac_room;

// Bytes that a text may keep, tried in this order: texts are cut before targets are left out. Five texts of
// the smallest limit, all escaped as \u00xx, fit without targets.
constexpr std::array<std::size_t, 5> text_limits{std::numeric_limits<std::size_t>::max(), 256, 128, 64, 32};

// How much is said, from all to little. Each leaves out what those before it do.
enum class details
{
	all,
	storage_shares, // of the storage its first three keys
	figures, // of a target what a display shows
	progress, // of a target how far it is
};

constexpr std::array<details, 4> details_in_order{
	details::all, details::storage_shares, details::figures, details::progress};

struct cut
{
	std::size_t text = 0; // bytes a text may have
	std::size_t targets = 0; // how many are listed
	details detail = details::all;
};

// What a peer, a tracker or a disk has worded is not passed on to who shows beacons.
std::string text_of(std::string_view const text, cut const& limits)
{
	return cut_text(clean_text(text), limits.text);
}

// The target that takes longest; none: past the end.
std::size_t slowest_of(std::vector<target_progress> const& targets)
{
	auto const found =
		std::ranges::max_element(targets, {}, [](auto const& t) { return t.eta_s.value_or(-1); });
	return found != targets.end() && found->eta_s ? static_cast<std::size_t>(found - targets.begin())
												  : targets.size();
}

// As details::figures and details::progress say it: what is 0 is left out, as that is how it is read.
ordered_json short_target_json(target_progress const& t, cut const& limits, bool const is_slowest)
{
	bool const figures = limits.detail < details::progress;
	ordered_json j;
	auto const put = [&](char const* key, std::int64_t value) {
		if (value != 0)
		{
			j[key] = value;
		}
	};
	j["device"] = text_of(t.device, limits);
	j["state"] = to_string(t.state);
	put("total", t.total);
	put("done", t.done);
	if (figures || t.state == job_state::flushing)
	{
		put("written", t.written);
	}
	put("synced", figures ? t.synced : 0);
	put("down", t.down);
	put("up", figures ? t.up : 0);
	put("peers", t.peers);
	if (t.eta_s && *t.eta_s >= 0 && (figures || is_slowest))
	{
		j["eta_s"] = *t.eta_s;
	}
	return j;
}

ordered_json whole_target_json(target_progress const& t, cut const& limits)
{
	ordered_json j;
	j["device"] = text_of(t.device, limits);
	j["info_hash"] = cut_text(t.info_hash, max_id_bytes);
	j["state"] = to_string(t.state);
	j["total"] = t.total;
	j["done"] = t.done;
	j["written"] = t.written;
	j["synced"] = t.synced;
	j["down"] = t.down;
	j["up"] = t.up;
	j["peers"] = t.peers;
	if (t.wire_fetched > 0 || t.wire_uploaded > 0)
	{
		j["wire_fetched"] = t.wire_fetched;
		j["wire_uploaded"] = t.wire_uploaded;
		j["ratio"] = rounded(t.ratio);
	}
	if (t.eta_s && *t.eta_s >= 0)
	{
		j["eta_s"] = *t.eta_s;
	}
	return j;
}

ordered_json target_json(target_progress const& t, cut const& limits, bool const is_slowest)
{
	auto j = limits.detail < details::figures ? whole_target_json(t, limits)
											  : short_target_json(t, limits, is_slowest);
	if (!t.note.empty())
	{
		j["note"] = text_of(t.note, limits);
	}
	if (!t.error.empty())
	{
		j["error"] = text_of(t.error, limits);
	}
	return j;
}

// Which targets are listed, in their order: those with an error are the last to go.
std::vector<std::size_t> listed_targets(std::vector<target_progress> const& targets, std::size_t const room)
{
	std::vector<std::size_t> list;
	for (bool const with_error : {true, false})
	{
		for (std::size_t i = 0; i < targets.size() && list.size() < room; ++i)
		{
			if (targets[i].error.empty() != with_error)
			{
				list.push_back(i);
			}
		}
	}
	std::ranges::sort(list);
	return list;
}

ordered_json storage_json(storage_progress const& s, bool const whole)
{
	ordered_json j;
	j["pool"] = rounded(s.pool);
	j["cache_hit"] = rounded(s.cache_hit);
	j["blocks_per_write"] = rounded(s.blocks_per_write);
	if (whole)
	{
		j["dirty"] = rounded(s.dirty);
		j["p50_ms"] = rounded(s.p50_ms);
		j["p99_ms"] = rounded(s.p99_ms);
		j["stopped_ms"] = s.stopped_ms;
		j["read_back"] = s.read_back;
	}
	return j;
}

std::string encode_cut(beacon_identity const& id, std::uint64_t seq, progress const& p,
	std::span<std::string const> const answers, cut limits)
{
	ordered_json j;
	j["rawswarm"] = 1;
	j["job"] = text_of(id.job, limits);
	j["agent"] = cut_text(id.agent, std::min(limits.text, max_id_bytes));
	j["host"] = text_of(id.host, limits);
	j["run"] = cut_text(id.run, std::min(limits.text, max_id_bytes));
	if (!id.boot.empty())
	{
		j["boot"] = cut_text(id.boot, max_boot_bytes);
		j["start_ms"] = id.start_ms;
	}
	j["seq"] = seq;
	j["uptime_ms"] = p.uptime.count();
	j["state"] = to_string(p.state);
	if (!answers.empty())
	{
		auto& list = j["answers"] = ordered_json::array();
		for (auto const& token : answers)
		{
			list.push_back(token);
		}
	}
	auto targets = ordered_json::array();
	auto const slowest = slowest_of(p.targets);
	for (auto const i : listed_targets(p.targets, limits.targets))
	{
		targets.push_back(target_json(p.targets[i], limits, i == slowest));
	}
	j["targets"] = std::move(targets);
	if (limits.targets < p.targets.size())
	{
		j["targets_total"] = p.targets.size();
	}
	j["storage"] = storage_json(p.storage, limits.detail == details::all);
	if (p.error)
	{
		j["error"] = ordered_json{{"code", p.error->code}, {"text", text_of(p.error->text, limits)}};
	}
	return j.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// The largest number of targets that fits; none always fit.
std::string encode_fewer_targets(beacon_identity const& id, std::uint64_t seq, progress const& p,
	std::span<std::string const> const answers, cut limits)
{
	limits.targets = 0;
	auto best = encode_cut(id, seq, p, answers, limits);
	std::size_t fits = 0;
	std::size_t too_many = p.targets.size();
	while (fits + 1 < too_many)
	{
		limits.targets = fits + (too_many - fits) / 2;
		auto tried = encode_cut(id, seq, p, answers, limits);
		if (tried.size() <= max_unsigned_bytes)
		{
			fits = limits.targets;
			best = std::move(tried);
		}
		else
		{
			too_many = limits.targets;
		}
	}
	return best;
}

// With as much of it as a datagram takes; longer than that if even the least does not fit.
std::string encode_most(beacon_identity const& id, std::uint64_t seq, progress const& p,
	std::span<std::string const> const answers)
{
	cut limits;
	limits.text = text_limits.front();
	limits.targets = p.targets.size();
	for (auto const detail : details_in_order)
	{
		limits.detail = detail;
		auto whole = encode_cut(id, seq, p, answers, limits);
		if (whole.size() <= max_unsigned_bytes)
		{
			return whole;
		}
	}
	for (auto const text : text_limits)
	{
		limits.text = text;
		auto whole = encode_cut(id, seq, p, answers, limits);
		if (whole.size() <= max_unsigned_bytes)
		{
			return whole;
		}
	}
	return encode_fewer_targets(id, seq, p, answers, limits);
}

} // namespace

std::string encode_beacon(beacon_identity const& id, std::uint64_t seq, progress const& p,
	std::span<std::string const> const answers)
{
	auto beacon = encode_most(id, seq, p, answers);
	// Only where every text is one that JSON makes longer: who asked asks again.
	bool const is_too_long = beacon.size() > max_unsigned_bytes;
	return is_too_long && !answers.empty() ? encode_most(id, seq, p, {}) : beacon;
}

std::string beacon_json_line(std::string_view from, std::string_view datagram)
{
	try
	{
		auto beacon = ordered_json::parse(datagram, nullptr, false);
		if (beacon.is_discarded())
		{
			return {};
		}
		ordered_json line;
		line["version"] = 1;
		line["from"] = from;
		line["beacon"] = std::move(beacon);
		// ASCII only: a terminal may take U+0080 to U+009F for control characters.
		return line.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
	}
	catch (std::exception const&)
	{
		return {};
	}
}

} // namespace rawswarm
