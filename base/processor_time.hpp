// SPDX-License-Identifier: BSD-3-Clause
// The time that processors have worked for this program, from the kernel's clocks (man 3 clock_gettime). Time
// in which others had the processors does not count.
#pragma once

#include <chrono>

namespace rawswarm
{

// Of the calling thread.
std::chrono::nanoseconds thread_time();

// Of all threads together. Any thread.
std::chrono::nanoseconds program_time();

} // namespace rawswarm
