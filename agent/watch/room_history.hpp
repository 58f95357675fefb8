// SPDX-License-Identifier: BSD-3-Clause
// What became of the machines of a fleet over time: the phases of each, its rates and those of the room. For
// displays that show more than the newest beacon.
//
// Pure: no clock, no sockets; the caller gives the time. One thread. Memory is bounded: as many machines as
// the fleet knows (fleet_settings::max_agents), each with max_phases phases and max_machine_samples
// samples, 1.2 KiB.
#pragma once

#include "agent/progress/progress.hpp"
#include "agent/watch/fleet.hpp"
#include "agent/watch/rate_series.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace rawswarm
{

inline constexpr std::size_t max_phases = 32; // a run has eleven states; the oldest are forgotten
inline constexpr std::size_t max_machine_samples = 96;
inline constexpr std::size_t max_room_samples = 240;

struct machine_phase
{
	job_state state = job_state::starting;
	fleet_clock::time_point began{}; // as the watcher saw it
	bool first = false; // of a run
};

struct machine_history
{
	explicit machine_history(std::uint32_t number, fleet_agent const& a);

	std::uint32_t id; // 1, 2, ... in the order in which they appeared
	fleet_agent const* agent;
	std::string run;
	int runs = 1; // how many this watcher has seen
	std::vector<machine_phase> phases; // never empty; the last one is the present
	rate_series rates; // of this run, until its job is over
	bool was_silent = false; // as of the last tick
	std::uint64_t changed = 0; // the number of the tick that told of its last change
};

// The rates of a machine now; none if it is silent or its job is over.
rate_sample rates_now(fleet_agent const& agent) noexcept;

class room_history
{
public:
	// A beacon of this agent was accepted. The agent must live as long as this.
	void heard(fleet_agent const& agent, fleet_clock::time_point now);

	// Takes a sample of all rates and gathers what has changed since the last call. Called once a second.
	void tick();

	// The number of calls of tick().
	std::uint64_t ticks() const noexcept { return m_ticks; }

	// In the order of their ids.
	std::vector<machine_history> const& machines() const noexcept { return m_machines; }

	// Null: none has this id. Valid until a new machine is heard.
	machine_history const* find(std::uint32_t id) const noexcept;

	rate_series const& rates() const noexcept { return m_rates; }

private:
	std::vector<machine_history> m_machines;
	std::unordered_map<fleet_agent const*, std::size_t> m_index;
	rate_series m_rates{std::chrono::seconds(1), max_room_samples};
	std::uint64_t m_ticks = 0;
};

} // namespace rawswarm
