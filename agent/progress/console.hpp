// SPDX-License-Identifier: BSD-3-Clause
// Progress for the person at the machine: a bar on a terminal; on a serial console, a file or a pipe
// one line per interval and per change of state, of bounded length and without carriage returns.
#pragma once

#include "agent/progress/progress.hpp"

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// One thread. Writes to `out`, usually standard error (standard output is for --json). The log erases the bar
// before each of its lines (log::set_before_line), and the next update draws it again: so only one console
// with a bar at a time.
class console
{
public:
	// interval: between plain lines; a bar is redrawn at every update.
	explicit console(std::FILE* out, bool bar, std::chrono::seconds interval = std::chrono::seconds(5));
	~console(); // ends an open bar with a newline
	console(console const&) = delete;
	console& operator=(console const&) = delete;

	void update(progress const& p);

	// The last call, which says as well how a job that is done went (final_lines.hpp).
	void end(progress const& p);

private:
	void draw_bar(progress const& p);
	void print_line(progress const& p);
	void end_bar();
	void clear_bar(); // with log::lock_output held

	std::FILE* m_out;
	bool m_bar;
	std::chrono::seconds m_interval;
	std::chrono::steady_clock::time_point m_last_line{};
	job_state m_last_state = job_state::starting;
	std::optional<std::string> m_drawn; // the bar on the last line, if any; guarded by log::lock_output
	bool m_first = true;
};

// True when out is a screen (terminal.hpp).
bool wants_bar(std::FILE* out);

// "downloading [####>....]  43.1%  112 in 98 out 110 disk MiB/s  12 peers  0:07:50", at most `width`
// characters: with the amounts where there is space, and with less where there is none.
std::string format_bar(progress const& p, std::size_t width);

// "downloading 43.1%  1.5 GiB of 3.5 GiB  112.0 MiB/s in, 98.0 MiB/s out, 110.0 MiB/s to disk  12 peers 7m50s
// left", at most 240 characters; when failed the error, whole.
std::string format_line(progress const& p);

} // namespace rawswarm
