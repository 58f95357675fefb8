// SPDX-License-Identifier: BSD-3-Clause
// Finds the lines of a log that say what the line before them said, so that they are counted rather than
// printed: a peer that is refused every second must not push what matters out of sight.
//
// spdlog's own dup_filter_sink tells the count as a line of another component, without its level, and only
// once a different line comes.
//
// Pure: the caller brings the time. Not thread-safe.
#pragma once

#include <spdlog/details/log_msg.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace rawswarm::log
{

// Lines that were not printed, and what they have in common.
struct line_repeats
{
	std::string logger;
	spdlog::level::level_enum level = spdlog::level::off;
	std::int64_t count = 0;
};

// "... and 54 more like it"
std::string to_string(line_repeats const& repeats);

class repeated_lines
{
public:
	using clock = std::chrono::steady_clock;

	// A line that comes again after more than this is news, and no count waits for longer. Initial value, not
	// measured: as often as a pipe gets a line of progress.
	static constexpr std::chrono::seconds interval{5};

	// Whether the line repeats the one before it, and so is counted rather than printed.
	bool is_repeat(spdlog::details::log_msg const& line, clock::time_point now);

	// The line was printed: those that follow are compared with it.
	void printed(spdlog::details::log_msg const& line, clock::time_point now);

	// What was counted so far and is to be told now, before another line; empty: nothing.
	std::optional<line_repeats> take();

	// The same at any time, if it has waited for long enough.
	std::optional<line_repeats> due(clock::time_point now);

private:
	line_repeats m_repeats; // of the line that was printed last
	std::string m_text;
	clock::time_point m_last; // that the line came
	clock::time_point m_first_repeat; // of those that are counted
};

} // namespace rawswarm::log
