// SPDX-License-Identifier: BSD-3-Clause
// A watcher's knowledge of the machines in the room: the newest beacon of each, and which of them are worth a
// line.
//
// Pure: no sockets, no clock, no printing; the caller gives the time. One thread. Memory is bounded:
// max_agents machines and those that are expected, each with one datagram and a few old runs; beyond
// max_bytes of datagrams one is kept with its first target and short texts. Who is known stays: nobody that
// is heard later takes its place.
//
// A machine is identified by its agent id (the MAC address); if that is empty, by its host name, or else by
// its run. A new run of the same machine replaces the old one for good: a late or replayed datagram of a
// replaced run is ignored, and so is one whose seq is not higher than the last.
//
// Which of two runs is the new one (beacon_identity):
//
//   - of two runs of one boot the one that started later, whichever is heard first
//   - of two boots nothing in a beacon tells. The run that is known keeps its place while it is heard:
//   another
//     one takes it once the known one has ended, or was not heard for takeover_after
//   - a run that names no boot, of an earlier version, gives way at once
//
// Lost datagrams are counted by the numbers that are missing between those that came, of runs that are heard.
// One that comes late, within the last 64, is no longer lost.
#pragma once

#include "agent/beacon/beacon_format.hpp"
#include "agent/progress/progress.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rawswarm
{

using fleet_clock = std::chrono::steady_clock;

struct fleet_settings
{
	std::chrono::seconds silence{10}; // see watch_options
	std::chrono::seconds progress_every{5}; // at least one line per interval, if there was progress
	std::size_t max_agents = 10'000; // further ones are ignored; of those that are not expected
	std::chrono::seconds takeover_after{3}; // three beacons at the default interval
	std::size_t max_bytes = 16'777'216; // of what beacons hold; 10,000 agents with one target have 12 MB
	// Whether an agent is one of those that are known from elsewhere: it has a place, and whole beacons,
	// however many others are heard. Empty: none is. Asked when an agent is heard first.
	std::function<bool(std::string_view agent)> is_expected = {};
};

enum class fleet_news
{
	none,
	appeared,
	restarted, // a new run of a known machine
	changed, // another state, or a new error
	progressed,
	silent,
	returned, // after it was silent
};

struct fleet_agent
{
	received_beacon last;
	fleet_clock::time_point seen{}; // when the last beacon came
	fleet_clock::time_point failed_at{}; // of a failed run
	bool silent = false;

	// As last reported.
	fleet_clock::time_point told{};
	std::int64_t told_done = 0;
	int told_tenth = 0; // of the way, 0 to 10

	std::vector<std::size_t> replaced; // digests of earlier runs, the oldest first

	std::uint64_t received = 0; // datagrams that came, late ones too, of all runs
	std::uint64_t lost = 0; // that should have come before the newest, of all runs
	std::uint64_t came = 0; // bit i: the datagram with seq last.seq - i came, or is before the first
	std::optional<fleet_clock::time_point>
		rival; // when a run was refused for this one, which was heard as well
	bool proved = false; // this run: one of its beacons had answers
	bool imaged = false; // was heard at work on a target: not a server, which seeds from the start
	bool expected = false; // (fleet_settings): counts for none of the bounds
	std::size_t bytes = 0; // what `last` takes beyond its own size
};

struct fleet_answer
{
	bool accepted = false; // false: an old datagram, or more agents than max_agents
	fleet_news news = fleet_news::none;
	fleet_agent const* agent = nullptr; // valid as long as the fleet; null if not accepted
	fleet_agent const* rival_of = nullptr; // the first datagram of a run that was refused for this one
};

struct fleet_summary
{
	int done = 0;
	int failed = 0;
	int silent = 0;
	int seeding = 0; // done, and still serving; a server stays in this state forever
	int working = 0; // every other state
	std::optional<int> first_failure{}; // exit code of the agent that failed first
};

// The machines that are imaged, all together. Sizes in bytes, rates in bytes per second.
struct fleet_totals
{
	std::int64_t total = 0;
	std::int64_t done = 0; // written, of those that flush
	std::int64_t down = 0; // of those that are heard
	std::optional<std::int64_t> eta_s; // of the one that takes longest; empty: not known
	std::uint64_t lost = 0; // datagrams of all machines
};

// What holds up a target that has something to fetch; empty: nothing. As it came.
std::string trouble_of(progress const& p);

// The first error of an agent, or of a target if the agent has none (with code 0).
std::optional<progress_error> error_of(progress const& p);

class fleet
{
public:
	explicit fleet(fleet_settings settings);

	// A beacon that has a proof (run_proof.hpp), or needs none.
	fleet_answer apply(received_beacon beacon, fleet_clock::time_point now);

	// Whether this run is the present one of its machine, and was taken with a proof.
	bool has_proved(beacon_identity const& id) const;

	// The agents that fell silent since the last call.
	std::vector<fleet_agent const*> find_silent(fleet_clock::time_point now);

	fleet_summary summary() const;

	// Servers, which have nothing to fetch, are left out of all but `lost`.
	fleet_totals totals() const;

	// All of them, in no order.
	std::vector<fleet_agent const*> agents() const;

	// Null: none with this agent id is known.
	fleet_agent const* find(std::string_view agent) const;

	// Failed ones, then silent ones.
	std::vector<fleet_agent const*> in_trouble() const;

	std::size_t size() const noexcept { return m_agents.size(); }

	// Whether an agent was ignored for max_agents.
	bool is_full() const noexcept { return m_full; }

private:
	// What another run of a machine is to the one that is known; rival: both are heard.
	enum class run_order
	{
		older,
		newer,
		rival,
	};

	fleet_answer add(std::string key, received_beacon&& beacon, fleet_clock::time_point now);
	fleet_answer replace(fleet_agent& agent, received_beacon&& beacon, fleet_clock::time_point now);
	fleet_answer update(fleet_agent& agent, received_beacon&& beacon, fleet_clock::time_point now);
	run_order order_of(
		fleet_agent const& agent, received_beacon const& beacon, fleet_clock::time_point now) const;
	void take(fleet_agent& agent, received_beacon&& beacon, fleet_clock::time_point now);

	fleet_settings m_settings;
	std::unordered_map<std::string, fleet_agent> m_agents;
	std::size_t m_bytes = 0; // of those that are not expected
	std::size_t m_strangers = 0; // how many these are
	bool m_full = false;
};

// The exit code if a wait for `expect` agents is over (see watch.hpp); empty if it is not.
std::optional<int> wait_is_over(fleet_summary const& s, int expect, bool time_is_up) noexcept;

} // namespace rawswarm
