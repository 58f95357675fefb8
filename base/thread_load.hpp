// SPDX-License-Identifier: BSD-3-Clause
// How long a thread has run, or was ready to run while others had the processors. A thread whose time is all
// of that is what its program waits for.
//
// From Linux's schedstat of the thread (kernel doc: scheduler/sched-stats); where the kernel has none, the
// time that it has run. Used by the thread that it is of, and nobody else.
#pragma once

#include "base/unique_fd.hpp"

#include <chrono>

namespace rawswarm
{

class thread_load
{
public:
	// Of the calling thread.
	thread_load();

	// Since the thread began. Errors count as the time that it has run.
	std::chrono::nanoseconds busy() const;

private:
	unique_fd m_schedstat;
};

} // namespace rawswarm
