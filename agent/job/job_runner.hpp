// SPDX-License-Identifier: BSD-3-Clause
// One job from its plan to its end: starts what each state needs, passes on what the swarm says to the
// targets that it concerns, and ends once all targets are final, a signal came or an error concerns all.
//
// Made and run by one thread, whose io_context it has; the swarm, the targets and the timers call it there.
// Blocking work runs in a pool of its own.
#pragma once

#include "agent/job/capture_job.hpp"
#include "agent/job/job_control.hpp"
#include "agent/job/job_displays.hpp"
#include "agent/job/job_finish.hpp"
#include "agent/job/job_outcome.hpp"
#include "agent/job/job_progress.hpp"
#include "agent/job/job_signals.hpp"
#include "agent/job/job_start.hpp"
#include "agent/job/job_targets.hpp"
#include "agent/job/link_report.hpp"
#include "agent/job/plan.hpp"
#include "agent/job/repeating_timer.hpp"
#include "agent/job/running_progress.hpp"
#include "agent/job/running_settings.hpp"
#include "agent/job/stop_limit.hpp"
#include "agent/job/write_tables.hpp"
#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "agent/swarm/swarm.hpp"
#include "base/result.hpp"
#include "base/run_blocking.hpp"
#include "storage/backend/storage_context.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

class job_runner final : public swarm_observer
{
public:
	// The arguments are those of run_job().
	job_runner(manifest const& job, machine_identity const& self, int signals, job_start const& start);

	// Once. The destructor waits for the threads, one of which may wait for a device.
	job_outcome run();

	void on_joined(std::size_t const t) override { m_targets.at(t).on_joined(); }
	void on_downloaded(std::size_t const t) override { m_targets.at(t).on_downloaded(); }
	void on_fully_distributed(std::size_t const t) override { m_targets.at(t).on_fully_distributed(); }
	void on_flushed(std::size_t const t) override { m_targets.at(t).on_flushed(); }
	void on_stats(std::size_t const t, transfer_stats const& s) override { m_targets.at(t).on_stats(s); }
	void on_peers(std::size_t const t, std::vector<peer_progress> peers) override
	{
		m_control.on_peers(t, std::move(peers));
	}
	void on_target_error(std::size_t const t, error const& e) override { m_targets.at(t).fail_with(e); }
	void on_listen_error(error const& e) override { fail_all(e); }

private:
	void plan();
	void capture(manifest_capture const& disk);
	void captured();
	void start(job_plan plan);
	result<void> read_keys();
	result<void> open(bool on_new_partitions);
	void partition(std::vector<planned_table> tables);
	void on_partitioned(written_tables const& written);
	void begin();
	void tick();
	void enter(job_state state);
	void changed();
	void end_if_over();
	void finish();
	void on_finished(result<void> const& finished);
	void fail_all(error const& e);
	void log_and_fail_all(error const& e);
	void on_signal(int signal);
	void stop(int signal);
	void end();
	progress snapshot() const { return m_progress.snapshot(m_capture.get()); }
	std::size_t ask_peers() const;

	manifest const& m_job;
	boost::asio::io_context m_ios{1};
	job_signals m_signals;
	repeating_timer m_tick;
	repeating_timer m_dial_tick;
	job_displays m_displays{m_ios, m_job, [this] { return snapshot(); }};
	std::string m_room_key; // of a private room; empty: it is open to everyone
	job_control m_control; // before what holds the devices: its destructor says that they are closed
	std::shared_ptr<storage_context> m_storage;
	std::unique_ptr<swarm> m_swarm;
	bool m_swarm_has_begun = false;
	boost::asio::thread_pool m_blocking; // outlives all that waits for work in it
	job_targets m_targets;
	std::unique_ptr<capture_job> m_capture; // null: nothing is captured
	running_settings m_settings{*m_storage, m_targets, m_job.storage};
	job_finish m_finish{m_ios, m_blocking, m_job};
	job_status m_status;
	link_report m_link{m_ios};
	running_progress m_progress;
	std::stop_source m_stop_planning;
	stop_limit m_stop{m_ios, m_targets, [this] { end(); }};
	blocking_scope m_scope{m_ios, m_blocking}; // last: work uses the members before it
};

} // namespace rawswarm
