// SPDX-License-Identifier: BSD-3-Clause
// Calls a function repeatedly, each time an interval after the last call has returned.
//
// Used by the thread of the io_context, which also calls the function. Destroyed once the io_context no
// longer runs, as a handler of an expired wait may still be queued.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>

namespace rawswarm
{

class repeating_timer
{
public:
	repeating_timer(
		boost::asio::io_context& ios, std::chrono::milliseconds interval, std::function<void()> on_tick);
	repeating_timer(repeating_timer const&) = delete;
	repeating_timer& operator=(repeating_timer const&) = delete;

	// The first call comes one interval from now. Called once.
	void start();

	// Ends the calls. The function may stop its own timer.
	void stop();

private:
	void wait();

	boost::asio::steady_timer m_timer;
	std::chrono::milliseconds m_interval;
	std::function<void()> m_on_tick;
	bool m_is_running = false;
};

} // namespace rawswarm
