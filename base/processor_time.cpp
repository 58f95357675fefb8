// SPDX-License-Identifier: BSD-3-Clause
#include "base/processor_time.hpp"

#include <ctime>

#include <pthread.h>

namespace rawswarm
{

namespace
{

std::chrono::nanoseconds read_clock(clockid_t const clock)
{
	timespec t{};
	::clock_gettime(clock, &t); // cannot fail: both clocks are there since Linux 2.6
	return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

} // namespace

std::chrono::nanoseconds thread_time()
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

std::chrono::nanoseconds program_time()
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

thread_clock thread_clock::of_this_thread()
{
	clockid_t clock{};
	bool const found = ::pthread_getcpuclockid(::pthread_self(), &clock) == 0;
	return thread_clock(found ? std::optional(clock) : std::nullopt);
}

std::chrono::nanoseconds thread_clock::time() const
{
	return m_clock ? read_clock(*m_clock) : std::chrono::nanoseconds(0);
}

} // namespace rawswarm
