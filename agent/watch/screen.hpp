// SPDX-License-Identifier: BSD-3-Clause
// A terminal that shows lines which change in place, and whose keys are read one by one. It is put back as it
// was on every way out: by leave() and the destructor; when a line of the log comes; when the program is
// stopped; and when it crashes. SIGKILL alone leaves it as it is (`reset` helps).
//
// Five control sequences of ECMA-48 and xterm, which the console of Linux and every terminal of today knows:
// so no terminfo is needed, which a rescue shell does not have. Where there is no second screen (the console
// of Linux) the table is drawn over what is there, and erased at the end.
//
// One thread; the log may be used by others meanwhile. One screen at a time, as a process has one terminal.
#pragma once

#include "base/unique_fd.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <termios.h>

namespace rawswarm
{

struct screen_size
{
	std::size_t rows = 24;
	std::size_t columns = 80;
};

class screen
{
public:
	// out: a terminal (is_screen), to which this process may write. in: the keyboard; if it is no terminal no
	// keys are read. Enters at the first show().
	screen(int out, int in);
	~screen();
	screen(screen const&) = delete;
	screen& operator=(screen const&) = delete;

	// Whether the process is in the terminal's foreground: only then may it change how the terminal works. A
	// terminal without job control, as rescue shells have it, is everybody's.
	static bool is_ours(int out) noexcept;

	screen_size size() const noexcept;

	// Draws what differs from what was shown last. Does not wait for the terminal: what it does not take now
	// goes out with a later call, and until then nothing else is drawn. Lines are no wider than the screen.
	// False: the terminal is gone.
	bool show(std::vector<std::string> const& lines);

	// The next show() draws all of it: after a change of size, or after others have written.
	void forget() { m_shown.clear(); }

	// The keys that wait; empty: none.
	std::string read_keys();
	bool has_keys() const noexcept { return m_has_keys; }

	// Puts the terminal back. The next show() enters again. Waits for a terminal that takes nothing, but not
	// for long.
	void leave();

private:
	void enter();
	bool flush();
	void leave_now();

	int m_out;
	unique_fd m_unblocked; // the same terminal; none if it cannot be opened again
	int m_in;
	termios m_before{}; // how the keyboard was set
	bool m_has_keys = false;
	bool m_entered = false; // guarded by log::lock_output, as is m_shown
	std::vector<std::string> m_shown;
	std::string m_pending; // what the terminal has not taken of it
};

} // namespace rawswarm
