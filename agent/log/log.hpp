// SPDX-License-Identifier: BSD-3-Clause
// The program's log: spdlog on standard error, one logger per component, each with its own level.
//
// log_levels.hpp has the grammar of levels. The first source that is set wins: --log, RAWSWARM_LOG,
// SPDLOG_LEVEL, the job's "log"; else everything is at info. Thread-safe after setup().
//
// Control characters in messages are replaced (newline and tab stay): much of what is logged came from
// a peer, and must not drive the terminal. A line that repeats the one before it is counted, not printed
// (repeated_lines.hpp). A line whose level is off costs one comparison, but its arguments are computed all
// the same: what takes long is asked for behind should_log().
#pragma once

#include "agent/log/log_levels.hpp"
#include "base/result.hpp"

#include <spdlog/spdlog.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace rawswarm::log
{

// Creates the loggers at info. Call once, before any thread starts. On a terminal lines are coloured;
// when the parent is systemd (standard error is no terminal and JOURNAL_STREAM is set) or standard
// error is /dev/kmsg, each line begins with <N>, syslog's priority. get() before setup() does the same.
void setup();

void set_levels(level_set const& levels);

// Those of every component, as they are now.
level_set levels();

// Applies the first source that is set, in the order above. flag: empty if not given. fault::usage, the
// source named and nothing changed, if it is malformed.
result<void> set_levels_from(std::string_view flag, level_set const& job = {});

spdlog::logger& get(component c);

// Prints how often the last line was repeated, if it was: for the end. The other one leaves that to the next
// line unless it has waited for some seconds: to be called a few times a second.
void tell_repeats();
void tell_repeats_that_are_due();

// From now on lines also go to the kernel's log, with their priority: it outlives a console that scrolls
// away. Does nothing if the kernel's log cannot be opened, or is standard error already. The kernel accepts
// some 10 lines in 5 seconds, and drops further ones. path: for tests.
void add_kmsg(std::string const& path = "/dev/kmsg");

// Standard error is shared with the progress bar. Other code that writes to it holds this lock meanwhile, and
// does not log while it holds it.
std::unique_lock<std::mutex> lock_output();

// Called before each line of the log, with the output locked, on the thread that logs: it erases the bar.
// Empty: no call. When this returns, the previous hook is no longer running.
void set_before_line(std::function<void()> hook);

enum class line_style
{
	terminal, // [HH:MM:SS.mmm] [component] level: message, the level coloured
	pipe, // the same without colour
	priority, // <N>component: message
};

// journal_stream: the environment's, may be null.
line_style choose_style(bool terminal, bool kmsg, char const* journal_stream) noexcept;
std::unique_ptr<spdlog::formatter> make_formatter(line_style style);

} // namespace rawswarm::log
