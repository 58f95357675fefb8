// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_displays.hpp"

#include "agent/job/job_beacons.hpp"

#include <cstdio>
#include <utility>

namespace rawswarm
{

job_displays::job_displays(
	boost::asio::io_context& ios, manifest const& job, std::function<progress()> snapshot)
	: m_ios(ios)
	, m_job(job)
	, m_snapshot(std::move(snapshot))
	, m_console(stderr, wants_bar(stderr))
	, m_timer(ios, job.beacon.interval, [this] { m_beacons->send(m_snapshot()); })
{}

result<void> job_displays::make_beacons(machine_identity const& self)
{
	BOOST_OUTCOME_TRY(beacons, make_beacon_sender(m_ios, m_job, self));
	m_beacons = std::move(beacons);
	return success();
}

void job_displays::show()
{
	auto const p = m_snapshot();
	if (m_beacons)
	{
		m_beacons->send(p);
	}
	m_console.update(p);
}

void job_displays::end()
{
	m_timer.stop();
	auto const last = m_snapshot();
	m_console.end(last);
	if (m_beacons)
	{
		send_last(*m_beacons, last);
	}
}

} // namespace rawswarm
