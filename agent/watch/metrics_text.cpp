// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/metrics_text.hpp"

#include "base/clean_text.hpp"
#include "base/version.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <unordered_set>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr std::size_t max_label_bytes = 64;

std::string label(std::string_view const value)
{
	std::string escaped;
	for (char const c : cut_text(clean_text(value), max_label_bytes))
	{
		if (c == '\\' || c == '"')
		{
			escaped += '\\';
		}
		escaped += c;
	}
	return escaped;
}

// Where whole numbers are meant, they are written as such.
std::string number(double const value)
{
	bool const whole = std::abs(value) < 1e15 && std::trunc(value) == value;
	return whole ? fmt::format("{}", static_cast<std::int64_t>(value)) : fmt::format("{}", value);
}

double seconds(std::chrono::milliseconds const t)
{
	return static_cast<double>(t.count()) / 1000;
}

double unix_seconds(std::chrono::system_clock::time_point const t)
{
	return seconds(std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()));
}

void begin(std::string& out, std::string_view name, std::string_view type, std::string_view help)
{
	out += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

// name="value"; the value is escaped already.
std::string pair(std::string_view name, std::string_view value)
{
	return fmt::format("{}=\"{}\"", name, value);
}

void write_sample(std::string& out, std::string_view name, std::string_view labels, double v)
{
	out += fmt::format("{}{{{}}} {}\n", name, labels, number(v));
}

struct labelled_machine
{
	machine_history const* machine;
	std::string name; // the value of its label, escaped
};

// What identifies a machine in the fleet, made different where two would be shown alike: a series that stands
// there twice would cost the whole scrape.
std::vector<labelled_machine> label_machines(room_history const& room)
{
	std::vector<labelled_machine> list;
	std::unordered_set<std::string> taken;
	for (auto const& machine : room.machines())
	{
		auto const& id = machine.agent->last.id;
		auto name = label(!id.agent.empty() ? id.agent : !id.host.empty() ? id.host : id.run);
		while (!taken.insert(name).second)
		{
			name += fmt::format("#{}", machine.id);
		}
		list.push_back({&machine, std::move(name)});
	}
	return list;
}

progress_totals totals(machine_history const& m)
{
	return total_of(m.agent->last.p.targets);
}

// A sum over all targets. A counter must not fall, so a beacon that had no space for some of them, or for the
// figure, has no sum.
std::optional<double> sum_of(machine_history const& m, std::int64_t target_progress::*member)
{
	auto const& b = m.agent->last;
	if (b.targets_total > b.p.targets.size())
	{
		return std::nullopt;
	}
	double sum = 0;
	for (auto const& t : b.p.targets)
	{
		sum += static_cast<double>(t.*member);
	}
	return sum > 0 ? std::optional<double>(sum) : std::nullopt;
}

void write_watcher(std::string& out, room_facts const& facts)
{
	constexpr std::string_view info = "rawswarm_watch_info";
	begin(out, info, "gauge", "The watcher. Always 1.");
	write_sample(out, info, pair("version", label(version)), 1);

	constexpr std::string_view beacons = "rawswarm_watch_beacons_total";
	begin(out, beacons, "counter", "Datagrams that came in, by what became of them.");
	auto const& c = facts.counts;
	write_sample(out, beacons, pair("result", "accepted"), static_cast<double>(c.accepted));
	write_sample(out, beacons, pair("result", "outdated"), static_cast<double>(c.outdated));
	write_sample(out, beacons, pair("result", "malformed"), static_cast<double>(c.malformed));
	write_sample(out, beacons, pair("result", "unsigned"), static_cast<double>(c.unsigned_ones));
	write_sample(out, beacons, pair("result", "unproven"), static_cast<double>(c.unproven));

	constexpr std::string_view expected = "rawswarm_machines_expected";
	begin(out, expected, "gauge", "Machines that the watcher waits for; 0 if it waits for none.");
	out += fmt::format("{} {}\n", expected, number(facts.expect));
}

void write_states(std::string& out, room_history const& room, std::vector<labelled_machine> const& machines)
{
	constexpr std::string_view by_state = "rawswarm_machines";
	begin(out, by_state, "gauge", "Machines by state; silent: not over, and not heard.");
	for (auto const* const state : shown_states)
	{
		write_sample(out, by_state, pair("state", state), count_in_state(room, state));
	}

	constexpr std::string_view info = "rawswarm_machine_info";
	begin(out, info, "gauge", "Who a machine is. Always 1.");
	for (auto const& m : machines)
	{
		auto const& id = m.machine->agent->last.id;
		write_sample(out, info,
			pair("machine", m.name) + "," + pair("host", label(id.host)) + "," + pair("job", label(id.job)),
			1);
	}

	constexpr std::string_view state = "rawswarm_machine_state";
	begin(out, state, "gauge", "1 for the state that a machine is in.");
	for (auto const& m : machines)
	{
		write_sample(
			out, state, pair("machine", m.name) + "," + pair("state", shown_state(*m.machine->agent)), 1);
	}
}

using value = std::optional<double>;

// A metric of machines; those without a value are left out. Functions without state, of which a table is
// small.
struct machine_metric
{
	std::string_view name; // behind "rawswarm_machine_"
	std::string_view help;
	value (*of)(machine_history const& m, moment const& at);
};

constexpr std::array<machine_metric, 15> machine_metrics{{
	{"image_bytes", "Bytes that its targets are to hold.",
		[](machine_history const& m, moment const& /*at*/) -> value { return totals(m).total; }},
	{"done_bytes", "Bytes that passed their hash; while verifying, those read back.",
		[](machine_history const& m, moment const& /*at*/) -> value { return totals(m).done; }},
	{"written_bytes", "Bytes that its devices took without error.",
		[](machine_history const& m, moment const& /*at*/) -> value { return totals(m).written; }},
	{"receive_bytes_per_second", "Bytes of the image that arrive; 0 if it is silent.",
		[](machine_history const& m, moment const& /*at*/) -> value { return rates_now(*m.agent).down; }},
	{"send_bytes_per_second", "Bytes of the image that it sends; 0 if it is silent.",
		[](machine_history const& m, moment const& /*at*/) -> value { return rates_now(*m.agent).up; }},
	{"network_receive_bytes_total", "Bytes that the network carried to it for the image in this run.",
		[](machine_history const& m, moment const& /*at*/) -> value {
			return sum_of(m, &target_progress::wire_fetched);
		}},
	{"network_send_bytes_total", "Bytes that the network carried from it for the image in this run.",
		[](machine_history const& m, moment const& /*at*/) -> value {
			return sum_of(m, &target_progress::wire_uploaded);
		}},
	{"peers", "Peers that it is connected to.",
		[](machine_history const& m, moment const& /*at*/) -> value { return totals(m).peers; }},
	{"remaining_seconds", "Time until it has all of the image, where that is known.",
		[](machine_history const& m, moment const& /*at*/) -> value { return totals(m).eta_s; }},
	{"disk_wait_seconds_total",
		"Time for which peers were stopped in this run, as its devices are slower than the network.",
		[](machine_history const& m, moment const& /*at*/) -> value {
			return seconds(std::chrono::milliseconds(m.agent->last.p.storage.stopped_ms));
		}},
	{"pool_ratio", "Share of its buffer pool that is in use, from 0 to 1.",
		[](machine_history const& m, moment const& /*at*/) -> value {
			return rounded(m.agent->last.p.storage.pool);
		}},
	{"uptime_seconds", "Time since its run began.",
		[](machine_history const& m, moment const& /*at*/) -> value {
			return seconds(m.agent->last.p.uptime);
		}},
	{"last_seen_timestamp_seconds", "When its last beacon came.",
		[](machine_history const& m, moment const& at) -> value {
			return unix_seconds(at.wall_of(m.agent->seen));
		}},
	{"runs", "Runs of it that the watcher has seen.",
		[](machine_history const& m, moment const& /*at*/) -> value { return m.runs; }},
	{"error_code", "Exit code of its first error; 0 if it has none.",
		[](machine_history const& m, moment const& /*at*/) -> value {
			auto const& e = m.agent->last.p.error;
			return e ? e->code : 0;
		}},
}};

void write_machine_metric(std::string& out, machine_metric const& metric,
	std::vector<labelled_machine> const& machines, moment const& at)
{
	auto const name = "rawswarm_machine_" + std::string(metric.name);
	begin(out, name, metric.name.ends_with("_total") ? "counter" : "gauge", metric.help);
	for (auto const& m : machines)
	{
		if (auto const v = metric.of(*m.machine, at))
		{
			write_sample(out, name, pair("machine", m.name), *v);
		}
	}
}

} // namespace

std::string metrics_text(room_history const& room, room_facts const& facts, moment const& at)
{
	auto const machines = label_machines(room);
	std::string out;
	write_watcher(out, facts);
	write_states(out, room, machines);
	for (auto const& metric : machine_metrics)
	{
		write_machine_metric(out, metric, machines, at);
	}
	return out;
}

} // namespace rawswarm
