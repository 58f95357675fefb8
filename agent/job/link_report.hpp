// SPDX-License-Identifier: BSD-3-Clause
// Looks each second whether this machine's network has a link, and tells when it has none: in the log, and in
// place of what a target waits for.
//
// Used by the thread of the io_context; destroyed once that no longer runs. Asking the kernel takes a few
// system calls.
#pragma once

#include "agent/job/link_watch.hpp"
#include "agent/job/repeating_timer.hpp"
#include "agent/progress/progress.hpp"

#include <boost/asio/io_context.hpp>

namespace rawswarm
{

class link_report
{
public:
	explicit link_report(boost::asio::io_context& ios);

	// From now on, until stop(). Called once.
	void start() { m_tick.start(); }
	void stop() { m_tick.stop(); }

	// Replaces the note of a target that needs the network.
	void add_to(target_progress& p) const;

private:
	void look();

	link_watch m_link;
	repeating_timer m_tick;
};

} // namespace rawswarm
