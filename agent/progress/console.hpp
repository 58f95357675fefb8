// SPDX-License-Identifier: BSD-3-Clause
// Progress for the person at the machine: a bar on a terminal; on a serial console, a file or a pipe
// one line per interval and per change of state, without carriage returns.
#pragma once

#include "agent/progress/progress.hpp"

#include <chrono>
#include <cstdio>
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
	bool m_drawn = false; // a bar stands on the last line; guarded by log::lock_output
	bool m_first = true;
};

// True when out is a screen (terminal.hpp).
bool wants_bar(std::FILE* out);

// The bar, at most `width` characters.
std::string format_bar(progress const& p, std::size_t width);

// "downloading 43.1%  1.5 GiB of 3.5 GiB  112.0 MiB/s  12 peers  7m50s left"; the error when failed.
std::string format_line(progress const& p);

} // namespace rawswarm
