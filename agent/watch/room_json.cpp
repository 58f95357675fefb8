// SPDX-License-Identifier: BSD-3-Clause
// The one file that wraps nlohmann::json for the room's page.
#include "agent/watch/room_json.hpp"

#include "agent/progress/shown_percent.hpp"
#include "agent/watch/fleet_text.hpp"
#include "base/clean_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace rawswarm
{

namespace
{

using nlohmann::ordered_json;

// As long as a beacon lets them be, but for those of many machines at once.
constexpr std::size_t max_name_bytes = 64;
constexpr std::size_t max_device_bytes = 100;
constexpr std::size_t max_message_bytes = 600;

std::string text(std::string_view const from, std::size_t const max_bytes)
{
	return cut_text(clean_text(from), max_bytes);
}

std::int64_t unix_ms(std::chrono::system_clock::time_point const t)
{
	return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
}

// Functions rather than operators of the library, whose code would stand at each of their uses.
void put(ordered_json& j, char const* key, std::int64_t value)
{
	j[key] = value;
}

void put(ordered_json& j, char const* key, std::string const& value)
{
	j[key] = value;
}

void put_real(ordered_json& j, char const* key, double value)
{
	j[key] = value;
}

void put_flag(ordered_json& j, char const* key, bool value)
{
	j[key] = value;
}

void put_part(ordered_json& j, char const* key, ordered_json&& part)
{
	j[key] = std::move(part);
}

std::string dump(ordered_json const& j)
{
	return j.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

ordered_json error_json(progress_error const& e)
{
	ordered_json j;
	put(j, "code", e.code);
	put(j, "text", text(e.text, max_message_bytes));
	return j;
}

ordered_json rates_json(rate_series const& rates, std::chrono::system_clock::time_point const until)
{
	ordered_json j;
	put(j, "interval_ms", rates.interval().count());
	put(j, "length_ms", rates.length().count());
	put(j, "until", unix_ms(until));
	auto down = ordered_json::array();
	auto up = ordered_json::array();
	for (auto const& s : rates.samples())
	{
		down.push_back(std::llround(s.down));
		up.push_back(std::llround(s.up));
	}
	put_part(j, "down", std::move(down));
	put_part(j, "up", std::move(up));
	return j;
}

// What the page's overview shows of a machine.
ordered_json overview_json(machine_history const& machine, moment const& at)
{
	auto const& agent = *machine.agent;
	auto const& b = agent.last;
	auto const t = total_of(b.p.targets);
	auto const rates = rates_now(agent);
	ordered_json j;
	put(j, "id", machine.id);
	put(j, "host", text(b.id.host, max_name_bytes));
	put(j, "agent", text(b.id.agent, max_name_bytes));
	put(j, "job", text(b.id.job, max_name_bytes));
	put(j, "state", to_string(b.p.state));
	put_flag(j, "silent", agent.silent);
	put(j, "since", unix_ms(at.wall_of(machine.phases.back().began)));
	put(j, "seen", unix_ms(at.wall_of(agent.seen)));
	if (auto const percent = percent_of(b.p.state, t))
	{
		put_real(j, "percent", shown_percent(*percent));
	}
	put(j, "total", t.total);
	put(j, "done", t.done);
	put(j, "down", std::llround(rates.down));
	put(j, "up", std::llround(rates.up));
	put(j, "peers", t.peers);
	if (t.eta_s)
	{
		put(j, "eta_s", *t.eta_s);
	}
	put(j, "devices", devices_of(b));
	if (auto const waits_for = trouble_of(b.p); !waits_for.empty())
	{
		put(j, "note", text(waits_for, max_message_bytes));
	}
	if (auto const e = error_of(b.p))
	{
		put_part(j, "error", error_json(*e));
	}
	return j;
}

ordered_json target_json(target_progress const& t)
{
	ordered_json j;
	put(j, "device", text(t.device, max_device_bytes));
	put(j, "info_hash", text(t.info_hash, max_name_bytes));
	put(j, "state", to_string(t.state));
	put(j, "total", t.total);
	put(j, "done", t.done);
	put(j, "written", t.written);
	put(j, "synced", t.synced);
	put(j, "down", t.down);
	put(j, "up", t.up);
	put(j, "peers", t.peers);
	put(j, "wire_fetched", t.wire_fetched);
	put(j, "wire_uploaded", t.wire_uploaded);
	put_real(j, "ratio", rounded(t.ratio));
	if (t.eta_s)
	{
		put(j, "eta_s", *t.eta_s);
	}
	put(j, "note", text(t.note, max_message_bytes));
	put(j, "error", text(t.error, max_message_bytes));
	return j;
}

ordered_json storage_json(storage_progress const& s)
{
	ordered_json j;
	put_real(j, "pool", rounded(s.pool));
	put_real(j, "cache_hit", rounded(s.cache_hit));
	put_real(j, "blocks_per_write", rounded(s.blocks_per_write));
	put_real(j, "p50_ms", rounded(s.p50_ms));
	put_real(j, "p99_ms", rounded(s.p99_ms));
	put(j, "stopped_ms", s.stopped_ms);
	return j;
}

ordered_json phases_json(machine_history const& machine, moment const& at)
{
	auto list = ordered_json::array();
	for (auto const& phase : machine.phases)
	{
		ordered_json j;
		put(j, "state", to_string(phase.state));
		put(j, "began", unix_ms(at.wall_of(phase.began)));
		put_flag(j, "first", phase.first);
		list.push_back(std::move(j));
	}
	return list;
}

ordered_json counts_json(watch_counts const& c)
{
	ordered_json j;
	put(j, "accepted", static_cast<std::int64_t>(c.accepted));
	put(j, "outdated", static_cast<std::int64_t>(c.outdated));
	put(j, "malformed", static_cast<std::int64_t>(c.malformed));
	put(j, "unsigned", static_cast<std::int64_t>(c.unsigned_ones));
	put(j, "unproven", static_cast<std::int64_t>(c.unproven));
	return j;
}

ordered_json totals_json(fleet_totals const& t)
{
	ordered_json j;
	put(j, "total", t.total);
	put(j, "done", t.done);
	put(j, "down", t.down);
	if (t.eta_s)
	{
		put(j, "eta_s", *t.eta_s);
	}
	put(j, "lost", static_cast<std::int64_t>(t.lost));
	return j;
}

ordered_json states_json(room_history const& room)
{
	ordered_json j = ordered_json::object();
	for (auto const* const state : shown_states)
	{
		if (auto const count = count_in_state(room, state); count > 0)
		{
			put(j, state, count);
		}
	}
	return j;
}

} // namespace

std::chrono::system_clock::time_point moment::wall_of(fleet_clock::time_point const then) const
{
	return wall - std::chrono::duration_cast<std::chrono::system_clock::duration>(steady - then);
}

int count_in_state(room_history const& room, std::string_view const state)
{
	return static_cast<int>(std::count_if(room.machines().begin(), room.machines().end(),
		[&](machine_history const& m) { return shown_state(*m.agent) == state; }));
}

char const* shown_state(fleet_agent const& agent) noexcept
{
	return agent.silent ? "silent" : to_string(agent.last.p.state);
}

std::string room_json(
	room_history const& room, room_facts const& facts, moment const& at, std::uint64_t const since)
{
	ordered_json j;
	put(j, "version", 1);
	put(j, "time", unix_ms(at.wall));
	put_flag(j, "all", since == 0);
	put(j, "expect", facts.expect);
	if (facts.orders)
	{
		put(j, "orders", static_cast<std::int64_t>(*facts.orders));
	}
	put_part(j, "states", states_json(room));
	put_part(j, "beacons", counts_json(facts.counts));
	put_part(j, "totals", totals_json(facts.totals));
	put_part(j, "rates", rates_json(room.rates(), at.wall));
	auto text = dump(j);
	// Machine by machine: a tree of all of them would take five times as much as the text does.
	text.pop_back();
	text += R"(,"machines":[)";
	std::string_view before;
	for (auto const& machine : room.machines())
	{
		if (since == 0 || machine.changed > since)
		{
			text.append(before).append(dump(overview_json(machine, at)));
			before = ",";
		}
	}
	return text += "]}";
}

std::string machine_json(machine_history const& machine, moment const& at)
{
	auto const& b = machine.agent->last;
	ordered_json j;
	put(j, "version", 1);
	put(j, "time", unix_ms(at.wall));
	put_part(j, "machine", overview_json(machine, at));
	put(j, "run", text(b.id.run, max_name_bytes));
	put(j, "runs", machine.runs);
	put(j, "uptime_ms", b.p.uptime.count());
	auto targets = ordered_json::array();
	for (auto const& t : b.p.targets)
	{
		targets.push_back(target_json(t));
	}
	put_part(j, "targets", std::move(targets));
	put(j, "targets_total", static_cast<std::int64_t>(b.targets_total));
	put_part(j, "storage", storage_json(b.p.storage));
	put_part(j, "phases", phases_json(machine, at));
	bool const over = is_final(b.p.state);
	put_part(j, "rates", rates_json(machine.rates, over ? at.wall_of(machine.phases.back().began) : at.wall));
	return dump(j);
}

} // namespace rawswarm
