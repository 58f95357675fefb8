// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/screen.hpp"

#include "agent/log/log.hpp"
#include "agent/log/terminal.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>

#include <fcntl.h>
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

// In one write. A terminal that could not be opened again is asked before each; it may still wait where it
// has space for a part of this.
constexpr std::size_t most_at_once = 512;
// At the end. A terminal that is stopped (Ctrl-S) stays as it is.
constexpr std::chrono::milliseconds patience{500};

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

bool takes_output(int const fd, std::chrono::milliseconds const wait = {})
{
	pollfd ready{fd, POLLOUT, 0};
	return ::poll(&ready, 1, static_cast<int>(wait.count())) > 0;
}

// A description of its own: O_NONBLOCK on the one that is there would be that of the shell as well.
unique_fd open_unblocked(int const terminal)
{
	auto const path = fmt::format("/proc/self/fd/{}", terminal);
	return unique_fd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
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
	, m_unblocked(open_unblocked(out))
	, m_in(in)
	, m_has_keys(::tcgetattr(in, &m_before) == 0 && is_ours(in)) // m_before stands before it
{
	if (::isatty(STDERR_FILENO) != 0)
	{
		log::set_before_line([this] {
			// With the output locked. The line goes to the first screen, and is there at the end.
			leave_now();
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
	if (!takes_output(m_out)) // whoever logs to it may wait for it, with the output locked
	{
		return true;
	}
	auto const lock = log::lock_output();
	if (!flush())
	{
		return false;
	}
	if (!m_pending.empty())
	{
		return true;
	}
	if (!m_entered)
	{
		enter();
		m_pending = enter_screen;
	}
	m_pending += changes(m_shown, lines);
	m_shown = lines;
	return flush();
}

// False: the terminal is gone.
bool screen::flush()
{
	auto const fd = m_unblocked ? m_unblocked.get() : m_out;
	std::string_view rest = m_pending;
	bool is_there = true;
	while (!rest.empty() && takes_output(fd))
	{
		auto const n = ::write(fd, rest.data(), std::min(rest.size(), most_at_once));
		if (n >= 0)
		{
			rest.remove_prefix(static_cast<std::size_t>(n));
		}
		else if (errno == EAGAIN)
		{
			break;
		}
		else if (errno != EINTR)
		{
			is_there = false;
			break;
		}
	}
	m_pending.erase(0, m_pending.size() - rest.size());
	return is_there;
}

// With the output locked.
void screen::leave_now()
{
	if (!m_entered)
	{
		return;
	}
	m_pending += leave_screen;
	auto const until = std::chrono::steady_clock::now() + patience;
	while (flush() && !m_pending.empty())
	{
		auto const left =
			std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
		if (left.count() <= 0 || !takes_output(m_out, left))
		{
			break;
		}
	}
	m_pending.clear();
	m_entered = false;
	m_shown.clear();
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
	leave_now();
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
