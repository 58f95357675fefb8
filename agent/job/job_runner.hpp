// SPDX-License-Identifier: BSD-3-Clause
// One job from its plan to its end: starts what each state needs, passes on what the swarm says to the
// targets that it concerns, and ends once all targets are final, a signal came or an error concerns all.
//
// Made and run by one thread, whose io_context it has; the swarm, the targets and the timers call it there.
// Blocking work runs in a pool of its own.
#pragma once

#include "agent/job/capture_job.hpp"
#include "agent/job/finish_disks.hpp"
#include "agent/job/job_control.hpp"
#include "agent/job/job_displays.hpp"
#include "agent/job/job_outcome.hpp"
#include "agent/job/job_phases.hpp"
#include "agent/job/job_progress.hpp"
#include "agent/job/job_start.hpp"
#include "agent/job/limit_samples.hpp"
#include "agent/job/link_watch.hpp"
#include "agent/job/plan.hpp"
#include "agent/job/repeating_timer.hpp"
#include "agent/job/stop_watch.hpp"
#include "agent/job/target_job.hpp"
#include "agent/job/write_tables.hpp"
#include "agent/job/write_volumes.hpp"
#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "agent/swarm/swarm.hpp"
#include "base/result.hpp"
#include "base/run_blocking.hpp"
#include "storage/backend/storage_context.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
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

	void on_joined(std::size_t const t) override { m_targets.at(t)->on_joined(); }
	void on_downloaded(std::size_t const t) override { m_targets.at(t)->on_downloaded(); }
	void on_fully_distributed(std::size_t const t) override { m_targets.at(t)->on_fully_distributed(); }
	void on_flushed(std::size_t const t) override { m_targets.at(t)->on_flushed(); }
	void on_stats(std::size_t const t, transfer_stats const& s) override { m_targets.at(t)->on_stats(s); }
	void on_peers(std::size_t const t, std::vector<peer_progress> peers) override
	{
		m_control.on_peers(t, std::move(peers));
	}
	void on_target_error(std::size_t const t, error const& e) override { m_targets.at(t)->fail_with(e); }
	void on_listen_error(error const& e) override { fail_all(e); }

private:
	using clock = std::chrono::steady_clock;

	void plan();
	void capture(manifest_capture const& disk);
	void captured();
	void start(job_plan plan);
	result<void> read_keys();
	result<void> open(bool on_new_partitions);
	void partition(std::vector<planned_table> tables);
	void on_partitioned(written_tables const& written);
	void begin();
	void set_io_threads();
	std::vector<std::shared_ptr<storage_target>> storages() const;
	agent_settings settings() const;
	result<void> change(std::span<std::string const> words);
	void tick();
	void take_sample();
	void look_for_link();
	std::vector<target_progress> targets() const;
	void enter(job_state state);
	void changed();
	void end_if_over();
	std::vector<disk_to_finish> disks_to_finish() const;
	void finish();
	void fail_all(error const& e);
	void log_and_fail_all(error const& e);
	void wait_for_signal();
	void on_signal(int signal);
	void stop(int signal);
	void check_stop();
	void end();
	progress snapshot() const;
	std::size_t ask_peers() const;

	manifest const& m_job;
	boost::asio::io_context m_ios{1};
	boost::asio::posix::stream_descriptor m_signals;
	char m_signal = 0; // that was read last
	repeating_timer m_tick;
	repeating_timer m_stop_tick;
	repeating_timer m_dial_tick;
	repeating_timer m_link_tick;
	clock::time_point const m_started = clock::now();
	job_displays m_displays{m_ios, m_job, [this] { return snapshot(); }};
	std::string m_room_key; // of a private room; empty: it is open to everyone
	job_control m_control; // before what holds the devices: its destructor says that they are closed
	std::shared_ptr<storage_context> m_storage;
	std::unique_ptr<swarm> m_swarm;
	bool m_swarm_has_begun = false;
	boost::asio::thread_pool m_blocking; // outlives all that waits for work in it
	std::vector<std::unique_ptr<target_job>> m_targets;
	std::unique_ptr<capture_job> m_capture; // null: nothing is captured
	std::unique_ptr<volume_writer> m_volumes; // null: nothing is planned yet
	job_status m_status;
	job_phases m_phases;
	limit_samples m_limits;
	link_watch m_link;
	std::stop_source m_stop_planning;
	std::stop_source m_stop_finishing;
	stop_watch m_stop{m_started};
	blocking_scope m_scope{m_ios, m_blocking}; // last: work uses the members before it
};

} // namespace rawswarm
