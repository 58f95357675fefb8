// SPDX-License-Identifier: BSD-3-Clause
// Shows the progress of a job: on the console, which is standard error, and by the beacons that it asks for.
//
// Called by the thread of the io_context. Only end() blocks, for 60 ms.
#pragma once

#include "agent/beacon/beacon_sender.hpp"
#include "agent/job/repeating_timer.hpp"
#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/console.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>

namespace rawswarm
{

class job_displays
{
public:
	// snapshot: returns the present progress of the job.
	job_displays(boost::asio::io_context& ios, manifest const& job, std::function<progress()> snapshot);

	// Makes the job's beacons, which show() and end() send. On an error there are none.
	result<void> make_beacons(machine_identity const& self);

	// From now on they are sent at every interval of the job as well. After make_beacons().
	void start_beacons() { m_timer.start(); }

	// Updates the console and sends beacons at once, for a change of state.
	void show();

	// Updates the console alone, which is drawn more often than beacons are sent.
	void draw() { m_console.update(m_snapshot()); }

	// Shows the final progress and sends the final beacons. The last call.
	void end();

private:
	boost::asio::io_context& m_ios;
	manifest const& m_job;
	std::function<progress()> m_snapshot;
	console m_console;
	std::unique_ptr<beacon_sender> m_beacons; // none until made
	repeating_timer m_timer;
};

} // namespace rawswarm
