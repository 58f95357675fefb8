// SPDX-License-Identifier: BSD-3-Clause
// A program on a terminal of its own, as a person uses it: what it draws, keys that are typed, the window's
// size, and how it leaves the terminal.
//
// One thread: output is read while the test waits. The destructor kills (SIGKILL) and reaps the program.
// Errors are thrown.
#pragma once

#include "base/unique_fd.hpp"
#include "tests/support/program/screen_model.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>
#include <termios.h>

namespace rawswarm::test
{

struct terminal_options
{
	std::vector<std::string> argv{};
	std::map<std::string, std::string> env{}; // besides this process's own; TERM is xterm unless it is given
	unsigned short rows = 24;
	unsigned short columns = 80;
};

class terminal_program
{
public:
	explicit terminal_program(terminal_options const& options);
	~terminal_program();
	terminal_program(terminal_program const&) = delete;
	terminal_program& operator=(terminal_program const&) = delete;

	// Reads what the program writes until this holds of the screen, between two updates. False after the
	// timeout.
	bool wait_until(std::function<bool(screen_model const&)> const& holds, std::chrono::milliseconds timeout);
	bool wait_for(std::string_view text, std::chrono::milliseconds timeout = std::chrono::seconds(10));

	// The exit code, or 128 + the signal that ended it. Empty after the timeout.
	std::optional<int> wait(std::chrono::milliseconds timeout);

	// Whether it was stopped, as by Ctrl-Z.
	bool wait_for_stop(std::chrono::milliseconds timeout);

	void type(std::string_view bytes);
	void resize(unsigned short rows, unsigned short columns);
	void signal(int number) const;
	pid_t pid() const { return m_pid; }

	screen_model const& screen() const { return m_screen; }
	std::string const& bytes() const { return m_bytes; } // all that it wrote

	// How the terminal is set, and the flags of its descriptor that the program shares with who started it.
	termios modes() const;
	termios const& modes_before() const { return m_before; } // the program was started
	int flags() const;

private:
	bool read_some(std::chrono::milliseconds timeout);

	unique_fd m_master;
	unique_fd m_slave; // keeps the terminal, and what it was set to, when the program is gone
	termios m_before{};
	pid_t m_pid = -1;
	std::optional<int> m_code;
	screen_model m_screen;
	std::string m_bytes;
};

} // namespace rawswarm::test
