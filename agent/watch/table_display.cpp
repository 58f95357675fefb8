// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/table_display.hpp"

#include "agent/log/terminal.hpp"
#include "agent/watch/line_display.hpp"
#include "agent/watch/table.hpp"
#include "agent/watch/text_columns.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include <sys/epoll.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

using boost::system::error_code;

// Drawing a large room takes milliseconds; a fiftieth of the time, at most, goes into it (`bench watch`:
// 10,000 agents twice a second).
constexpr int share_of_drawing = 50;
constexpr std::size_t least_rows = 8; // of what is left of the table at the end

// asio makes what it waits for non-blocking, and a terminal's description is shared with the shell. So it
// waits for an epoll that waits for the terminal.
unique_fd wrapped(int const fd)
{
	unique_fd outer(::epoll_create1(EPOLL_CLOEXEC));
	epoll_event event{};
	event.events = EPOLLIN;
	return outer && ::epoll_ctl(outer.get(), EPOLL_CTL_ADD, fd, &event) == 0 ? std::move(outer) : unique_fd();
}

} // namespace

bool table_display::fits(std::FILE* const out)
{
	return is_screen(::fileno(out)) && screen::is_ours(::fileno(out));
}

table_display::table_display(boost::asio::io_context& ios, watched_room const& room, std::FILE* const out,
	std::function<void(int)> quit)
	: m_room(room)
	, m_out(out)
	, m_quit(std::move(quit))
	, m_screen(::fileno(out), STDIN_FILENO)
	, m_keyboard(ios)
	, m_signals(ios)
{
	m_view.colours = wants_style();
	for (auto const number : {SIGWINCH, SIGTSTP, SIGCONT, SIGHUP, SIGQUIT})
	{
		error_code ignored; // one that cannot be waited for acts as it always does
		m_signals.add(number, ignored);
	}
	wait_for_signal();
	if (m_screen.has_keys())
	{
		m_keys = wrapped(STDIN_FILENO);
	}
	if (m_keys)
	{
		m_keyboard.assign(m_keys.get());
		wait_for_keys();
	}
}

table_display::~table_display()
{
	if (m_keyboard.is_open())
	{
		m_keyboard.release();
	}
}

result<void> table_display::show_beacon(beacon_arrival const&)
{
	m_changed = true;
	return success();
}

result<void> table_display::show_silent(fleet_agent const&)
{
	m_changed = true;
	return success();
}

result<void> table_display::tick()
{
	bool const is_due = fleet_clock::now() >= m_next_draw;
	if (is_due && (m_changed || m_clock != m_room.clock.text()))
	{
		draw();
	}
	if (m_is_gone)
	{
		return fail(fault::internal, system_error(EIO), "drawing the table");
	}
	return success();
}

result<void> table_display::finish()
{
	auto const size = m_screen.size();
	auto const closing = closing_lines(m_room);
	// All of it on one screen, with a line for the prompt, unless too many failed.
	auto below_table = std::size_t(1);
	for (auto const& line : closing)
	{
		below_table += (columns_of(line) + size.columns - 1) / size.columns;
	}
	m_view.rows = std::max(size.rows - std::min(size.rows, below_table), least_rows);
	m_view.columns = size.columns;
	m_view.typing = false;
	m_screen.leave();
	auto drawn = draw_table(m_room, m_view);
	drawn.lines.resize(drawn.body);
	if (drawn.below > 0)
	{
		drawn.lines.push_back(fmt::format("and {} more", drawn.below));
	}
	for (auto const& lines : {drawn.lines, closing})
	{
		for (auto const& line : lines)
		{
			BOOST_OUTCOME_TRYV(print_line(m_out, line));
		}
	}
	return success();
}

void table_display::wait_for_keys()
{
	m_keyboard.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](error_code const& ec) {
		if (ec)
		{
			return;
		}
		for (auto const& pressed : keys_from(m_screen.read_keys()))
		{
			if (press(m_view, pressed))
			{
				m_quit(0);
				return;
			}
		}
		draw();
		if (m_screen.has_keys())
		{
			wait_for_keys();
		}
	});
}

void table_display::wait_for_signal()
{
	m_signals.async_wait([this](error_code const& ec, int const number) {
		if (!ec)
		{
			on_signal(number);
			wait_for_signal();
		}
	});
}

void table_display::on_signal(int const number)
{
	switch (number)
	{
	case SIGHUP:
	case SIGQUIT: m_quit(number); return;
	case SIGTSTP:
		m_screen.leave();
		::raise(SIGSTOP); // goes on here
		break;
	default: break;
	}
	m_screen.forget();
	draw();
}

bool table_display::draw()
{
	auto const began = fleet_clock::now();
	auto const size = m_screen.size();
	if (size.rows != m_view.rows || size.columns != m_view.columns)
	{
		m_view.rows = size.rows;
		m_view.columns = size.columns;
		m_screen.forget();
	}
	auto const drawn = draw_table(m_room, m_view);
	m_view.top = drawn.top;
	m_is_gone = !m_screen.show(drawn.lines);
	m_changed = false;
	m_clock = m_room.clock.text();
	auto const ended = fleet_clock::now();
	m_next_draw = ended + (ended - began) * share_of_drawing;
	return !m_is_gone;
}

} // namespace rawswarm
