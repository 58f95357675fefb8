// SPDX-License-Identifier: BSD-3-Clause
// The room as a table on a terminal, drawn in place, with keys. Its last state stays on the screen at the
// end.
#pragma once

#include "agent/watch/display.hpp"
#include "agent/watch/screen.hpp"
#include "agent/watch/table_view.hpp"
#include "base/unique_fd.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>

#include <cstdio>
#include <functional>
#include <string>

namespace rawswarm
{

class table_display final : public watch_display
{
public:
	// Whether out is a terminal that the table can be drawn on: not a serial line, TERM set, in the
	// foreground.
	static bool fits(std::FILE* out);

	// quit: called for q, and for SIGHUP and SIGQUIT with their number; once. All outlive it. NO_COLOR of the
	// environment leaves the table without colours.
	table_display(boost::asio::io_context& ios, watched_room const& room, std::FILE* out,
		std::function<void(int signal)> quit);
	~table_display() override;

	result<void> show_beacon(beacon_arrival const& b) override;
	result<void> show_silent(fleet_agent const& agent) override;
	result<void> tick() override;
	result<void> finish() override;

private:
	void wait_for_keys();
	void wait_for_signal();
	void on_signal(int number);
	bool draw();

	watched_room const& m_room;
	std::FILE* m_out;
	std::function<void(int)> m_quit;
	screen m_screen;
	table_view m_view;
	bool m_changed = true;
	bool m_is_gone = false; // the terminal
	std::string m_clock; // as last drawn
	fleet_clock::time_point m_next_draw{};
	unique_fd m_keys;
	boost::asio::posix::stream_descriptor m_keyboard;
	boost::asio::signal_set m_signals;
};

} // namespace rawswarm
