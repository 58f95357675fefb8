// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/measurement.hpp"

#include "tests/bench/swarm/machine_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace rawswarm::bench
{

namespace
{

constexpr std::chrono::milliseconds sample_interval{50};
constexpr std::chrono::seconds time_to_end{30};

// libtorrent updates its counter of sent bytes once per second, and the agent reads it every 250 ms.
constexpr std::chrono::milliseconds time_to_count{1500};

class running_room
{
public:
	running_room(contender& program, task const& t, std::chrono::seconds const limit)
		: m_program(program)
		, m_task(t)
		, m_deadline(clock::now() + limit)
		, m_beacons(t.hosts)
		, m_done(t.agents())
	{
		m_result.hosts.resize(t.agents());
	}

	measurement run();

private:
	void start_seeder();
	void start_clients();
	void watch();
	void look_at(std::size_t host, clock::time_point now);
	void stop(std::size_t host);
	void check_time(char const* what) const;
	[[noreturn]] void give_up(std::size_t host) const;

	contender& m_program;
	task const& m_task;
	clock::time_point m_deadline;
	beacon_inbox m_beacons;
	std::vector<std::unique_ptr<test::child_process>> m_children; // one per host
	std::vector<std::optional<clock::time_point>> m_done;
	measurement m_result;
};

void running_room::check_time(char const* const what) const
{
	if (clock::now() < m_deadline)
	{
		return;
	}
	auto text = fmt::format("{}: not in time", what);
	for (std::size_t i = 0; i < m_children.size(); ++i)
	{
		if (!m_done[i])
		{
			text += fmt::format("\nhost {} printed:\n{}{}", i, m_children[i]->out(), m_children[i]->err());
		}
	}
	throw std::runtime_error(text);
}

void running_room::give_up(std::size_t const host) const
{
	auto const& child = *m_children[host];
	throw std::runtime_error(
		fmt::format("host {} failed; it printed:\n{}{}", host, child.out(), child.err()));
}

void running_room::start_seeder()
{
	m_children.push_back(m_task.hosts.start(0, m_program.seeder()));
	while (!m_program.serves(*m_children[0], m_beacons))
	{
		if (!m_children[0]->running())
		{
			give_up(0);
		}
		check_time("starting the seeder");
		m_beacons.poll(sample_interval);
	}
}

void running_room::start_clients()
{
	std::vector<test::child_options> commands(m_task.agents());
	for (std::size_t i = 1; i < commands.size(); ++i)
	{
		commands[i] = m_program.client(i);
	}
	m_result.started = clock::now();
	for (std::size_t i = 1; i < commands.size(); ++i)
	{
		m_children.push_back(m_task.hosts.start(i, commands[i]));
	}
}

void running_room::look_at(std::size_t const host, clock::time_point const now)
{
	if (m_done[host])
	{
		return;
	}
	auto& child = *m_children[host];
	bool const ended = !child.running();
	m_done[host] = m_program.done_at(host, child, m_beacons, now);
	bool const failed = ended && !m_program.ended_well(host, child.wait(sample_interval).value_or(-1));
	if (failed || m_beacons.has_failed(host) || (ended && !m_done[host]))
	{
		give_up(host);
	}
}

void running_room::watch()
{
	auto next = clock::now();
	for (bool all_done = false; !all_done;)
	{
		auto const now = clock::now();
		if (now >= next)
		{
			m_result.samples.push_back({now, m_task.hosts.counters()});
			next = now + sample_interval;
		}
		all_done = true;
		for (std::size_t i = 1; i < m_children.size(); ++i)
		{
			look_at(i, now);
			all_done = all_done && m_done[i];
		}
		check_time("the room");
		auto const left = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now());
		m_beacons.poll(std::max(left, std::chrono::milliseconds(0)));
	}
	m_result.samples.push_back({clock::now(), m_task.hosts.counters()});
}

void running_room::stop(std::size_t const host)
{
	auto& child = *m_children[host];
	auto const code = child.wait(time_to_end);
	if (!code || !m_program.ended_well(host, *code))
	{
		give_up(host);
	}
	auto const seconds = [](timeval const& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
	auto const& used = child.used();
	m_result.hosts[host].cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
	// NOLINTNEXTLINE(cppcoreguidelines-pro-type-union-access): glibc's, two names for one long
	m_result.hosts[host].peak_memory = std::int64_t(used.ru_maxrss) * 1024;
}

measurement running_room::run()
{
	start_seeder();
	auto const before = m_task.hosts.counters();
	machine_load const load;
	start_clients();
	watch();
	m_result.busy = load.busy();
	m_result.wire = m_result.samples.back().links[0].up - before[0].up;
	std::this_thread::sleep_for(time_to_count);
	for (std::size_t i = m_children.size(); i-- > 0;)
	{
		m_children[i]->signal(SIGTERM);
	}
	for (std::size_t i = 0; i < m_children.size(); ++i)
	{
		stop(i);
		m_result.beacons.push_back(m_beacons.of(i));
	}
	m_result.sent = m_program.sent(*m_children[0]);
	for (std::size_t i = 1; i < m_children.size(); ++i)
	{
		auto& host = m_result.hosts[i];
		host.seconds = std::chrono::duration<double>(*m_done[i] - m_result.started).count();
		host.is_right = m_program.is_right(i);
	}
	return m_result;
}

} // namespace

std::size_t measurement::slowest() const
{
	return static_cast<std::size_t>(
		std::ranges::max_element(hosts, {}, &host_result::seconds) - hosts.begin());
}

double measurement::first() const
{
	return std::min_element(hosts.begin() + 1, hosts.end(), [](auto const& a, auto const& b) {
		return a.seconds < b.seconds;
	})->seconds;
}

bool measurement::is_right() const
{
	return std::ranges::all_of(hosts, &host_result::is_right);
}

measurement measure(contender& program, task const& t, std::chrono::seconds const limit)
{
	return running_room(program, t, limit).run();
}

} // namespace rawswarm::bench
