// SPDX-License-Identifier: BSD-3-Clause
// Takes one target through its states and knows its progress.
//
// Called and destroyed by the thread of the io_context. Blocking work (zeroing gaps, checks, syncs) runs in
// the pool that it is given (base/run_blocking.hpp). The storage backend reports errors from any thread; they
// are posted to the io_context.
#pragma once

#include "agent/job/device_watch.hpp"
#include "agent/job/early_table.hpp"
#include "agent/job/image_completion.hpp"
#include "agent/job/plan.hpp"
#include "agent/job/progress_watch.hpp"
#include "agent/job/seed_limits.hpp"
#include "agent/job/target_phases.hpp"
#include "agent/job/target_rates.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "agent/swarm/swarm.hpp"
#include "base/run_blocking.hpp"
#include "storage/backend/storage_target.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

class target_job
{
public:
	struct environment
	{
		boost::asio::io_context& ios;
		boost::asio::thread_pool& blocking;
		swarm& peers;
		manifest_storage const& storage;
		std::shared_ptr<device_calls> calls; // of all targets
		verification verify;
		std::function<void()> on_change; // of the state
	};

	target_job(std::size_t number, planned_target plan, environment env);
	target_job(target_job const&) = delete;
	target_job& operator=(target_job const&) = delete;
	~target_job() { stop_reading(); }

	// Opens the device. Nothing is written to it before start().
	result<void> open();

	// The limits that the device is used with. After open().
	device_profile const& profile() const { return m_storage->profile(); }

	// Null before open().
	std::shared_ptr<storage_target> const& storage() const { return m_storage; }

	// Joins the swarm. Once, after open().
	void start();

	// From the swarm.
	void on_joined();
	void on_downloaded();
	void on_fully_distributed();
	void on_flushed();
	void on_stats(transfer_stats const& s);

	// Fails the target, unless its state is final already.
	void fail_with(error const& e);

	// Checks time limits: stops a target that has served long enough, fails one that made no progress for
	// `timeout` (0: no limit) or whose device does not answer.
	void on_tick(manifest_seed_until const& until, std::chrono::seconds timeout);

	// Ends a target that is seeding, at once or after its backup GPT was moved.
	void stop_serving();

	// Ends what runs in the background: checks, and the zeroing of gaps. After the target has failed or the
	// job is over.
	void stop_reading()
	{
		m_stop_reading.request_stop();
		m_completion.stop();
	}

	// Whether something runs in the background that the destructor would wait for.
	bool is_busy() const { return m_scope.is_busy(); }

	// Of a target that is final, once the swarm is gone: its device is for others to use.
	void close_device();

	// What this is about, for whoever works on the device afterwards.
	planned_target const& plan() const { return m_plan; }

	// What a person should know of a target although it is no error: to the log, and to the report.
	void note(std::string text);

	// Whether the device exists only once the job's partition tables are written.
	bool needs_new_partition() const { return m_plan.partition_to_make.has_value(); }

	// The request that the device has not answered for longest, as text.
	std::optional<std::string> pending() const { return m_device.pending(); }

	// Flushes and syncs what has arrived, then calls on_safe, for a stop by a signal.
	void make_safe(std::function<void()> on_safe);

	job_state state() const { return m_phases.state(); }
	std::optional<error> const& first_error() const { return m_error; }
	target_progress snapshot() const;

private:
	using clock = std::chrono::steady_clock;

	bool apply(target_event event);
	void join_swarm();
	void withdraw(lt::piece_index_t piece, error const& e);
	void on_hashed(result<void> const& r);
	void look_at_source();
	void serve_what_is_right();
	void check_table_once_it_is_there();
	void check_existing();
	void on_checked(result<void> const& r);
	void complete(target_event event);
	void tell_that_it_is_safe();
	void move_gpt();
	void leave();
	void check_device();
	void watch_progress(std::chrono::seconds timeout);
	void follow_pace();
	void add_storage(target_progress& p) const;

	std::size_t m_number;
	planned_target m_plan;
	environment m_env;
	std::shared_ptr<storage_target> m_storage;
	device_watch m_device;
	progress_watch m_progress;
	target_rates m_rates;
	early_table m_table;
	target_phases m_phases;
	std::optional<error> m_error;
	std::vector<std::string> m_notes;
	transfer_stats m_stats;
	bool m_in_swarm = false;
	bool m_is_leaving = false; // it no longer serves
	std::vector<bool> m_served; // by piece, of a seed with bad ones: what peers may have been told of
	std::function<void()> m_on_safe; // set: the job is being stopped
	std::atomic<std::int64_t> m_checked{0}; // bytes read by the check of what is there already
	std::stop_source m_stop_reading;
	seeding_times m_serving;
	image_completion m_completion;
	blocking_scope m_scope; // last: work uses the members before it
};

} // namespace rawswarm
