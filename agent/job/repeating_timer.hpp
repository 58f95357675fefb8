// SPDX-License-Identifier: BSD-3-Clause
// Calls a function again and again, an interval after its last call has returned.
//
// Used by the thread of the io_context, where the function is called too. Destroyed when that runs no more.
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

	// The first call comes an interval from now. Once.
	void start();

	// No call comes after it. The function itself may stop its timer.
	void stop();

private:
	void wait();

	boost::asio::steady_timer m_timer;
	std::chrono::milliseconds m_interval;
	std::function<void()> m_on_tick;
	bool m_is_running = false;
};

} // namespace rawswarm
