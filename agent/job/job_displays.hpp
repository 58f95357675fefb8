// SPDX-License-Identifier: BSD-3-Clause
// Those who are told how a job goes: the console on standard error, and the beacons that the job asks for.
//
// Called by the thread of the io_context. Nothing here blocks, but for the 60 ms of end().
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
	// snapshot: how the job goes by now.
	job_displays(boost::asio::io_context& ios, manifest const& job, std::function<progress()> snapshot);

	// Makes the job's beacons, which show() and end() send. On an error there are none.
	result<void> make_beacons(machine_identity const& self);

	// From now on they are sent at every interval of the job as well. After make_beacons().
	void start_beacons() { m_timer.start(); }

	// At once: something happened that is to be seen.
	void show();

	// The console alone, which is drawn more often.
	void draw() { m_console.update(m_snapshot()); }

	// How it all ended. Nothing is shown after it.
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
