// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/room_history.hpp"

namespace rawswarm
{

namespace
{

constexpr std::chrono::seconds machine_interval{1}; // that of tick()

} // namespace

rate_sample rates_now(fleet_agent const& agent) noexcept
{
	auto const& p = agent.last.p;
	if (agent.silent || is_final(p.state))
	{
		return {};
	}
	auto const t = total_of(p.targets);
	return {static_cast<float>(t.down), static_cast<float>(t.up)};
}

machine_history::machine_history(std::uint32_t const number, fleet_agent const& a)
	: id(number)
	, agent(&a)
	, run(a.last.id.run)
	, rates(machine_interval, max_machine_samples)
{}

void room_history::heard(fleet_agent const& agent, fleet_clock::time_point const now)
{
	auto const [place, is_new] = m_index.try_emplace(&agent, m_machines.size());
	if (is_new)
	{
		m_machines.emplace_back(static_cast<std::uint32_t>(m_machines.size() + 1), agent);
	}
	auto& machine = m_machines[place->second];
	bool const other_run = machine.run != agent.last.id.run;
	if (other_run)
	{
		machine.run = agent.last.id.run;
		++machine.runs;
		machine.rates = rate_series(machine_interval, max_machine_samples);
	}
	auto const state = agent.last.p.state;
	if (is_new || other_run || machine.phases.back().state != state)
	{
		machine.phases.push_back({state, now, is_new || other_run});
		if (machine.phases.size() > max_phases)
		{
			machine.phases.erase(machine.phases.begin());
		}
	}
	machine.changed = m_ticks + 1;
}

void room_history::tick()
{
	++m_ticks;
	double down = 0;
	double up = 0;
	for (auto& machine : m_machines)
	{
		auto const now = rates_now(*machine.agent);
		down += now.down;
		up += now.up;
		// A job that is over has no rates to come, and its chart shall not shrink.
		if (!is_final(machine.agent->last.p.state))
		{
			machine.rates.add(now.down, now.up);
		}
		if (machine.agent->silent != machine.was_silent)
		{
			machine.was_silent = machine.agent->silent;
			machine.changed = m_ticks;
		}
	}
	m_rates.add(down, up);
}

machine_history const* room_history::find(std::uint32_t const id) const noexcept
{
	return id >= 1 && id <= m_machines.size() ? &m_machines[id - 1] : nullptr;
}

} // namespace rawswarm
