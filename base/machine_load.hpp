// SPDX-License-Identifier: BSD-3-Clause
// How long the machine's processors have worked, from /proc/stat (man 5 proc).
//
// Work that gives way to everything else (nice) does not count: whoever has work to do gets that time. The
// kernel counts in steps of some milliseconds. Thread-safe.
#pragma once

#include "base/unique_fd.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace rawswarm
{

class machine_load
{
public:
	machine_load();

	// Since the start of the machine, the mean of all processors. 0 if the kernel does not tell.
	std::chrono::nanoseconds busy() const;

	// From the text of /proc/stat, with so many of its steps per second.
	static std::optional<std::chrono::nanoseconds> busy(std::string_view stat, int processors, int steps);

private:
	unique_fd m_stat;
	int m_processors;
	int m_steps; // per second
};

} // namespace rawswarm
