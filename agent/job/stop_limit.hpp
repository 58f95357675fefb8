// SPDX-License-Identifier: BSD-3-Clause
// Gives up a stop that does not come to its end (stop_watch.hpp), and names what it waited for.
//
// Used by the thread of the io_context; destroyed once that no longer runs. The targets must outlive it.
#pragma once

#include "agent/job/job_targets.hpp"
#include "agent/job/repeating_timer.hpp"
#include "agent/job/stop_watch.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>

namespace rawswarm
{

class stop_limit
{
public:
	// on_over: called each time that the stop is found to take too long, until end().
	stop_limit(boost::asio::io_context& ios, job_targets const& targets, std::function<void()> on_over);

	void begin(); // once
	void end() { m_tick.stop(); }

private:
	void check();

	job_targets const& m_targets;
	std::function<void()> m_on_over;
	stop_watch m_watch{stop_watch::clock::now()};
	repeating_timer m_tick;
};

} // namespace rawswarm
