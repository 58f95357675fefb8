// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/screen.hpp"

#include "agent/log/log.hpp"
#include "agent/log/terminal.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include <poll.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

// The second screen, without a cursor, and without a new line where one is too long.
constexpr std::string_view enter_screen = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
// Erased first, for terminals without a second screen.
constexpr std::string_view leave_screen = "\x1b[0m\x1b[H\x1b[J\x1b[?7h\x1b[?25h\x1b[?1049l";
// Terminals that know it draw all that is between these at once; others skip them.
constexpr std::string_view begin_update = "\x1b[?2026h";
constexpr std::string_view end_update = "\x1b[?2026l";
constexpr std::string_view erase_to_end = "\x1b[K";

constexpr std::array crashes{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

// What a crash puts back. A handler of a signal can reach nothing but what is static.
struct crash_state
{
	std::atomic<bool> entered{false};
	int out = -1;
	int in = -1;
	termios before{};
};

crash_state& at_crash()
{
	static crash_state state;
	return state;
}

// The signal's own action follows, as the handler is used once.
void on_crash(int const number)
{
	auto& state = at_crash();
	if (state.entered.exchange(false))
	{
		[[maybe_unused]] auto const written = ::write(state.out, leave_screen.data(), leave_screen.size());
		if (state.in >= 0)
		{
			::tcsetattr(state.in, TCSANOW, &state.before);
		}
	}
	::raise(number);
}

void watch_crashes(bool const on)
{
	for (auto const number : crashes)
	{
		struct sigaction action
		{};
		action.sa_handler = on ? on_crash : SIG_DFL;
		action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
		::sigaction(number, &action, nullptr);
	}
}

bool write_all(int const fd, std::string_view text)
{
	while (!text.empty())
	{
		auto const n = ::write(fd, text.data(), text.size());
		if (n >= 0)
		{
			text.remove_prefix(static_cast<std::size_t>(n));
		}
		else if (errno == EAGAIN)
		{
			pollfd ready{fd, POLLOUT, 0};
			::poll(&ready, 1, -1);
		}
		else if (errno != EINTR)
		{
			return false;
		}
	}
	return true;
}

bool takes_output(int const fd)
{
	pollfd ready{fd, POLLOUT, 0};
	return ::poll(&ready, 1, 0) != 0;
}

std::string changes(std::vector<std::string> const& before, std::vector<std::string> const& lines)
{
	std::string text;
	for (std::size_t i = 0; i < lines.size(); ++i)
	{
		if (i >= before.size() || before[i] != lines[i])
		{
			text += fmt::format("\x1b[{};1H", i + 1);
			text.append(lines[i]).append(erase_to_end);
		}
	}
	if (lines.size() < before.size())
	{
		text += fmt::format("\x1b[{};1H\x1b[J", lines.size() + 1);
	}
	return text.empty() ? text : std::string(begin_update).append(text).append(end_update);
}

} // namespace

screen::screen(int const out, int const in)
	: m_out(out)
	, m_in(in)
	, m_has_keys(::tcgetattr(in, &m_before) == 0 && is_ours(in)) // m_before stands before it
{
	if (::isatty(STDERR_FILENO) != 0)
	{
		log::set_before_line([this] {
			// With the output locked. The line goes to the first screen, and is there at the end.
			if (m_entered)
			{
				write_all(m_out, leave_screen);
				m_entered = false;
				m_shown.clear();
			}
		});
	}
}

screen::~screen()
{
	log::set_before_line({});
	leave();
}

bool screen::is_ours(int const out) noexcept
{
	auto const foreground = ::tcgetpgrp(out);
	return foreground < 0 || foreground == ::getpgrp();
}

screen_size screen::size() const noexcept
{
	auto const told = size_of_terminal(m_out);
	return told ? screen_size{told->rows, told->columns} : screen_size();
}

bool screen::show(std::vector<std::string> const& lines)
{
	if (!takes_output(m_out))
	{
		return true;
	}
	auto const lock = log::lock_output();
	std::string text;
	if (!m_entered)
	{
		enter();
		text = enter_screen;
	}
	text += changes(m_shown, lines);
	m_shown = lines;
	return write_all(m_out, text);
}

std::string screen::read_keys()
{
	std::array<char, 256> bytes{};
	auto const n = ::read(m_in, bytes.data(), bytes.size());
	// The keyboard is gone; without keys the table goes on until a signal.
	m_has_keys = n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
	return n > 0 ? std::string(bytes.data(), static_cast<std::size_t>(n)) : std::string();
}

void screen::enter()
{
	m_entered = true;
	m_shown.clear();
	auto& state = at_crash();
	state.out = m_out;
	state.in = m_has_keys ? m_in : -1;
	state.before = m_before;
	state.entered = true;
	watch_crashes(true);
	if (m_has_keys)
	{
		auto raw = m_before;
		raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		::tcsetattr(m_in, TCSANOW, &raw);
	}
}

void screen::leave()
{
	auto const lock = log::lock_output();
	if (m_entered)
	{
		write_all(m_out, leave_screen);
		m_entered = false;
		m_shown.clear();
	}
	if (at_crash().entered.exchange(false))
	{
		watch_crashes(false);
		if (at_crash().in >= 0)
		{
			::tcsetattr(m_in, TCSANOW, &m_before);
		}
	}
}

} // namespace rawswarm
