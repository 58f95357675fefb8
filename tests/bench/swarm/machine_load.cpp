// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/machine_load.hpp"

#include <array>
#include <fstream>
#include <numeric>
#include <string>

namespace rawswarm::bench
{

namespace
{

struct ticks
{
	double busy = 0;
	double all = 0;
};

// "cpu  user nice system idle iowait irq softirq steal …": user includes guests.
ticks now()
{
	std::ifstream in("/proc/stat");
	std::string cpu;
	std::array<double, 8> t{};
	in >> cpu;
	for (auto& value : t)
	{
		in >> value;
	}
	double const all = std::accumulate(t.begin(), t.end(), 0.0);
	return {all - t[3] - t[4], all};
}

} // namespace

machine_load::machine_load()
{
	auto const t = now();
	m_busy = t.busy;
	m_all = t.all;
}

double machine_load::busy() const
{
	auto const t = now();
	return t.all > m_all ? (t.busy - m_busy) / (t.all - m_all) : 0;
}

} // namespace rawswarm::bench
