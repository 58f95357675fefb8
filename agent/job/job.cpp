// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job.hpp"

#include "agent/job/job_displays.hpp"
#include "agent/job/job_progress.hpp"
#include "agent/job/plan.hpp"
#include "agent/job/repeating_timer.hpp"
#include "agent/job/stall_timer.hpp"
#include "agent/job/storage_setup.hpp"
#include "agent/job/target_job.hpp"
#include "agent/job/write_tables.hpp"
#include "agent/log/log.hpp"
#include "agent/progress/storage_progress.hpp"
#include "agent/swarm/swarm.hpp"
#include "base/run_blocking.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

// Interval at which rates, displays and time limits are updated.
constexpr std::chrono::milliseconds tick_interval{250};

// Interval at which the job's peers that are not connected are dialled again.
constexpr std::chrono::seconds dial_interval{2};

// How long a stopped job may flush and sync, and how long without any progress.
constexpr std::chrono::seconds longest_stop{60};
constexpr std::chrono::seconds longest_stall_of_stop{10};

// How long the session and the threads may take to end, before they are left behind.
constexpr std::chrono::seconds longest_end{5};

// Planning, and two for each target: its gaps are zeroed while it is synced. One that hangs keeps both.
int blocking_threads(manifest const& job)
{
	return 2 + 2 * static_cast<int>(job.targets.size());
}

class job_runner final : public swarm_observer
{
public:
	job_runner(manifest const& job, machine_identity const& self, int signals);

	job_outcome run();

	void on_joined(std::size_t const t) override { m_targets.at(t)->on_joined(); }
	void on_downloaded(std::size_t const t) override { m_targets.at(t)->on_downloaded(); }
	void on_fully_distributed(std::size_t const t) override { m_targets.at(t)->on_fully_distributed(); }
	void on_flushed(std::size_t const t) override { m_targets.at(t)->on_flushed(); }
	void on_stats(std::size_t const t, transfer_stats const& s) override { m_targets.at(t)->on_stats(s); }
	void on_target_error(std::size_t const t, error const& e) override { m_targets.at(t)->fail_with(e); }
	void on_listen_error(error const& e) override { fail_all(e); }

private:
	void plan();
	void start(job_plan plan);
	result<void> open(bool on_new_partitions);
	void partition(std::vector<planned_table> tables);
	void on_partitioned(written_tables const& written);
	void begin();
	void set_io_threads();
	void tick();
	void enter(job_state state);
	void changed();
	void end_if_over();
	void fail_all(error const& e);
	void log_and_fail_all(error const& e);
	void wait_for_signal();
	void on_signal(int signal);
	void stop(int signal);
	void check_stop();
	void end();
	progress snapshot() const;

	manifest const& m_job;
	asio::io_context m_ios{1};
	asio::posix::stream_descriptor m_signals;
	char m_signal = 0; // that was read last
	repeating_timer m_tick{m_ios, tick_interval, [this] { tick(); }};
	repeating_timer m_stop_tick{m_ios, tick_interval, [this] { check_stop(); }};
	repeating_timer m_dial_tick{m_ios, dial_interval, [this] { m_swarm->dial(); }};
	clock::time_point const m_started = clock::now();
	job_displays m_displays{m_ios, m_job, [this] { return snapshot(); }};
	std::shared_ptr<storage_context> m_storage;
	std::unique_ptr<swarm> m_swarm;
	asio::thread_pool m_blocking; // outlives all that waits for work in it
	std::vector<std::unique_ptr<target_job>> m_targets;
	job_status m_status;
	std::stop_source m_stop_planning;
	clock::time_point m_stopped_at;
	stall_timer m_stop_stall{m_started};
	blocking_scope m_scope{m_ios, m_blocking}; // last: work uses the members before it
};

job_runner::job_runner(manifest const& job, machine_identity const& self, int const signals)
	: m_job(job)
	, m_signals(m_ios, ::dup(signals))
	, m_storage(std::make_shared<storage_context>(make_storage_settings(job.storage)))
	, m_blocking(static_cast<std::size_t>(blocking_threads(job)))
{
	if (auto r = m_displays.make_beacons(self); !r)
	{
		m_status.failure = r.error();
		log::get(log::component::agent).error("{}", r.error().text);
	}
}

job_outcome job_runner::run()
{
	wait_for_signal();
	m_displays.show();
	if (m_status.failure)
	{
		end();
	}
	else
	{
		plan();
		m_displays.start_beacons();
	}
	m_ios.run();
	return {exit_code_of(m_status), snapshot(), false};
}

void job_runner::wait_for_signal()
{
	m_signals.async_read_some(
		asio::buffer(&m_signal, 1), [this](boost::system::error_code const& ec, std::size_t) {
			if (!ec)
			{
				on_signal(m_signal);
				wait_for_signal();
			}
		});
}

void job_runner::on_signal(int const signal)
{
	if (m_status.signal == 0)
	{
		stop(signal);
	}
	else if (!m_status.has_ended)
	{
		log::get(log::component::agent).warn("stopping at once: {}", signal_name(signal));
		end();
	}
}

void job_runner::plan()
{
	enter(job_state::planning);
	m_scope.run_blocking([this] { return make_plan(m_job, m_stop_planning.get_token()); },
		[this](result<job_plan> plan) {
			if (m_status.has_ended)
			{
				return;
			}
			if (!plan)
			{
				log_and_fail_all(plan.error());
				return;
			}
			start(std::move(plan.value()));
		});
}

void job_runner::start(job_plan plan)
{
	m_swarm = std::make_unique<swarm>(m_ios, m_job.swarm, m_storage, *this);
	target_job::environment const env{
		m_ios, m_blocking, *m_swarm, m_job.storage, m_job.verify, [this] { changed(); }};
	for (auto& p : plan.targets)
	{
		m_targets.push_back(std::make_unique<target_job>(m_targets.size(), std::move(p), env));
	}
	// opens, and so claims, all existing devices before the first byte is written to any of them
	if (auto r = open(false); !r)
	{
		fail_all(r.error());
		return;
	}
	if (plan.tables.empty())
	{
		begin();
		return;
	}
	partition(std::move(plan.tables));
}

// Opens the targets on partitions that the job makes, or all others.
result<void> job_runner::open(bool const on_new_partitions)
{
	for (auto const& t : m_targets)
	{
		if (t->needs_new_partition() == on_new_partitions)
		{
			BOOST_OUTCOME_TRYV(t->open());
		}
	}
	return success();
}

void job_runner::partition(std::vector<planned_table> tables)
{
	enter(job_state::partitioning);
	m_scope.run_blocking([tables = std::move(tables)] { return write_tables(tables); },
		[this](written_tables const& written) { on_partitioned(written); });
}

void job_runner::on_partitioned(written_tables const& written)
{
	m_status.tables = written.tables;
	if (written.failed)
	{
		log_and_fail_all(*written.failed);
		return;
	}
	if (m_status.signal != 0)
	{
		end();
	}
	if (m_status.has_ended)
	{
		return;
	}
	if (auto r = open(true); !r)
	{
		fail_all(r.error());
		return;
	}
	begin();
}

void job_runner::begin()
{
	m_status.state = job_state::downloading;
	set_io_threads();
	if (auto r = m_swarm->start(); !r)
	{
		log_and_fail_all(r.error());
		return;
	}
	for (auto const& t : m_targets)
	{
		t->start();
	}
	tick();
	m_tick.start();
	m_dial_tick.start();
}

// Called once the devices are known, and before the session makes the backend.
void job_runner::set_io_threads()
{
	std::vector<device_profile> profiles;
	for (auto const& t : m_targets)
	{
		profiles.push_back(t->profile());
	}
	auto settings = m_storage->settings();
	settings.io_threads = io_threads_for(profiles, m_job.storage);
	m_storage->change_settings(settings);
}

void job_runner::tick()
{
	m_swarm->update();
	for (auto const& t : m_targets)
	{
		t->on_tick(m_job.seed_until, m_job.timeout);
	}
	if (!m_status.has_ended)
	{
		m_displays.draw();
	}
}

void job_runner::enter(job_state const state)
{
	m_status.state = state;
	m_displays.show();
}

// Called by a target whose state has changed.
void job_runner::changed()
{
	for (auto const& t : m_targets)
	{
		if (!m_status.failure && t->first_error())
		{
			m_status.failure = t->first_error();
		}
	}
	if (m_status.has_ended)
	{
		return;
	}
	m_displays.show();
	// deferred: the target whose state changed is still calling
	m_scope.post([this] { end_if_over(); });
}

void job_runner::end_if_over()
{
	if (!m_status.has_ended && !m_targets.empty()
		&& std::ranges::all_of(m_targets, [](auto const& t) { return is_final(t->state()); }))
	{
		end();
	}
}

void job_runner::fail_all(error const& e)
{
	if (m_status.has_ended)
	{
		return;
	}
	if (!m_status.failure)
	{
		m_status.failure = e;
	}
	for (auto const& t : m_targets)
	{
		t->fail_with(e);
	}
	end();
}

void job_runner::log_and_fail_all(error const& e)
{
	log::get(log::component::agent).error("{}", e.text);
	fail_all(e);
}

void job_runner::stop(int const signal)
{
	if (m_status.has_ended)
	{
		return;
	}
	m_status.signal = signal;
	m_stopped_at = clock::now();
	m_stop_stall.restart(m_stopped_at);
	m_stop_tick.start();
	log::get(log::component::agent).info("stopping: {}", signal_name(signal));
	m_stop_planning.request_stop();
	if (m_status.state == job_state::partitioning)
	{
		return; // the table is written whole; on_partitioned() then ends the job
	}
	if (m_status.state < job_state::partitioning)
	{
		end();
		return;
	}
	// a target that only serves loses nothing: it is done, not failed
	for (auto const& t : m_targets)
	{
		t->stop_serving();
	}
	m_swarm->pause();
	auto const left = std::make_shared<std::size_t>(m_targets.size());
	for (auto const& t : m_targets)
	{
		t->make_safe([this, left] {
			if (--*left == 0)
			{
				m_scope.post([this] { end(); });
			}
		});
	}
}

// Ends a stop that does not come to its end.
void job_runner::check_stop()
{
	std::int64_t bytes = 0;
	for (auto const& t : m_targets)
	{
		auto const p = t->snapshot();
		bytes += p.written + p.synced;
	}
	auto const now = clock::now();
	m_stop_stall.update(bytes, now);
	if (now - m_stopped_at < longest_stop && m_stop_stall.stalled(now) < longest_stall_of_stop)
	{
		return;
	}
	auto& logger = log::get(log::component::agent);
	for (auto const& t : m_targets)
	{
		if (auto const request = t->pending())
		{
			logger.error("stopping: {}: no answer, what is in memory is lost", *request);
		}
	}
	logger.error("stopping: given up after {} seconds",
		std::chrono::duration_cast<std::chrono::seconds>(now - m_stopped_at).count());
	end();
}

void job_runner::end()
{
	if (std::exchange(m_status.has_ended, true))
	{
		return;
	}
	m_stop_planning.request_stop();
	for (auto const& t : m_targets)
	{
		t->stop_reading();
	}
	m_tick.stop();
	m_dial_tick.stop();
	m_stop_tick.stop();
	m_displays.end();
	m_ios.stop();
}

progress job_runner::snapshot() const
{
	std::vector<target_progress> targets;
	for (auto const& t : m_targets)
	{
		targets.push_back(t->snapshot());
	}
	auto p = overall_progress(m_status, m_job, std::move(targets));
	p.uptime = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - m_started);
	p.storage = summarize_storage(m_storage->stats());
	return p;
}

} // namespace

job_outcome run_job(manifest const& job, machine_identity const& self, int const signals)
{
	auto runner = std::make_shared<job_runner>(job, self, signals);
	auto outcome = runner->run();
	// in another thread, as the end waits for all others, and one may wait for a device that hangs
	auto const ended = std::make_shared<std::promise<void>>();
	auto const has_ended = ended->get_future();
	std::thread last([runner = std::move(runner), ended]() mutable {
		runner.reset();
		ended->set_value();
	});
	outcome.is_stuck = has_ended.wait_for(longest_end) != std::future_status::ready;
	if (outcome.is_stuck)
	{
		log::get(log::component::agent).warn("a device does not answer: leaving without it");
		last.detach();
		return outcome;
	}
	last.join();
	return outcome;
}

} // namespace rawswarm
