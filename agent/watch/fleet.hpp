// SPDX-License-Identifier: BSD-3-Clause
// A watcher's knowledge of the machines in the room: the newest beacon of each, and which of them are worth a
// line.
//
// Pure: no sockets, no clock, no printing; the caller gives the time. One thread. Memory is bounded:
// max_agents machines, each with one datagram and a few old runs.
//
// A machine is identified by its agent id (the MAC address); if that is empty, by its host name, or else by
// its run. A new run of the same machine replaces the old one for good: a late or replayed datagram of a
// replaced run is ignored, and so is one whose seq is not higher than the last.
#pragma once

#include "agent/beacon/beacon_format.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace rawswarm
{

using fleet_clock = std::chrono::steady_clock;

struct fleet_settings
{
	std::chrono::seconds silence{10}; // see watch_options
	std::chrono::seconds progress_every{5}; // at least one line per interval, if there was progress
	std::size_t max_agents = 10'000; // further ones are ignored
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

	std::deque<std::string> replaced; // earlier runs, the oldest first
};

struct fleet_answer
{
	bool accepted = false; // false: an old datagram, or more agents than max_agents
	fleet_news news = fleet_news::none;
	fleet_agent const* agent = nullptr; // valid as long as the fleet; null if not accepted
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

// The first error of an agent, or of a target if the agent has none (with code 0).
std::optional<progress_error> error_of(progress const& p);

class fleet
{
public:
	explicit fleet(fleet_settings const& settings);

	fleet_answer apply(received_beacon beacon, fleet_clock::time_point now);

	// The agents that fell silent since the last call.
	std::vector<fleet_agent const*> find_silent(fleet_clock::time_point now);

	fleet_summary summary() const;

	// Failed ones, then silent ones.
	std::vector<fleet_agent const*> in_trouble() const;

	std::size_t size() const noexcept { return m_agents.size(); }

	// Whether an agent was ignored for max_agents.
	bool is_full() const noexcept { return m_full; }

private:
	fleet_answer add(std::string key, received_beacon&& beacon, fleet_clock::time_point now);
	fleet_answer replace(fleet_agent& agent, received_beacon&& beacon, fleet_clock::time_point now);
	fleet_answer update(fleet_agent& agent, received_beacon&& beacon, fleet_clock::time_point now) const;

	fleet_settings m_settings;
	std::unordered_map<std::string, fleet_agent> m_agents;
	bool m_full = false;
};

// The exit code if a wait for `expect` agents is over (see watch.hpp); empty if it is not.
std::optional<int> wait_is_over(fleet_summary const& s, int expect, bool time_is_up) noexcept;

// One line without the newline. head: HH:MM:SS, or the subject of the line. Columns: head, host, agent,
// state, percent, rate, peers, devices; then what does not fit a column. Safe to print.
std::string fleet_line(std::string_view head, fleet_news news, fleet_agent const& agent);

} // namespace rawswarm
