// SPDX-License-Identifier: BSD-3-Clause
#include "base/processor_time.hpp"

#include <ctime>

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

} // namespace rawswarm
