// SPDX-License-Identifier: BSD-3-Clause
// What a running process costs, thread by thread, as /proc tells it (proc(5)): the process and the children
// that it has, such as the two of an agent.
//
// A thread is known by its name, so those of one name are one entry. What a thread did after the last look
// before its end is not seen. Times are in steps of the kernel's clock, 10 ms as a rule. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <sys/types.h>

namespace rawswarm::bench
{

struct cpu_time
{
	double user = 0; // seconds
	double system = 0;

	double sum() const { return user + system; }
	cpu_time& operator+=(cpu_time const& other);
	cpu_time operator-(cpu_time const& other) const;
};

using thread_times = std::map<std::string, cpu_time>; // by name

cpu_time sum_of(thread_times const& threads);

class process_watch
{
public:
	explicit process_watch(pid_t const process)
		: m_process(process)
	{}

	// Takes what /proc says now. Nothing is changed once the process is gone.
	void look();

	// What was used until the last look does not count.
	void start_over() { m_before = m_last; }

	thread_times threads() const;

	// The largest resident size of any of the processes, in bytes, since their start.
	std::int64_t peak() const { return m_peak; }

private:
	struct thread
	{
		std::string name;
		cpu_time used;
	};

	void look_at(pid_t process);

	pid_t m_process;
	std::map<pid_t, thread> m_last;
	std::map<pid_t, thread> m_before;
	std::int64_t m_peak = 0;
};

} // namespace rawswarm::bench
