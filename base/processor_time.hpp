// SPDX-License-Identifier: BSD-3-Clause
// The time that processors have worked for this program, from the kernel's clocks (man 3 clock_gettime). Time
// in which others had the processors does not count.
#pragma once

#include <chrono>
#include <ctime>
#include <optional>

namespace rawswarm
{

// Of the calling thread.
std::chrono::nanoseconds thread_time();

// Of all threads together. Any thread.
std::chrono::nanoseconds program_time();

// Of another thread: the clock of the calling one, which any thread may read as long as that one runs.
class thread_clock
{
public:
	static thread_clock of_this_thread();
	std::chrono::nanoseconds time() const; // 0 if there is no such clock

private:
	explicit thread_clock(std::optional<clockid_t> clock)
		: m_clock(clock)
	{}

	std::optional<clockid_t> m_clock;
};

} // namespace rawswarm
