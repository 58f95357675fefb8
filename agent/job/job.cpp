// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job.hpp"

#include "agent/job/job_beacons.hpp"
#include "agent/job/plan.hpp"
#include "agent/job/storage_setup.hpp"
#include "agent/job/target_job.hpp"
#include "agent/job/write_tables.hpp"
#include "agent/log/log.hpp"
#include "agent/progress/console.hpp"
#include "agent/progress/storage_progress.hpp"
#include "agent/swarm/swarm.hpp"
#include "base/run_blocking.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

// How often rates, displays and time limits are looked at.
constexpr std::chrono::milliseconds tick_interval{250};

// How often the job's peers that are not connected are dialled again.
constexpr std::chrono::seconds dial_interval{2};

constexpr int blocking_threads = 4; // planning, zeroing of gaps, syncs

char const* signal_name(int const signal)
{
	return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

class job_runner final : public swarm_observer
{
public:
	job_runner(manifest const& job, machine_identity const& self, job_options const& options);

	job_outcome run();

	void on_downloaded(std::size_t const t) override { m_targets.at(t)->on_downloaded(); }
	void on_fully_distributed(std::size_t const t) override { m_targets.at(t)->on_fully_distributed(); }
	void on_flushed(std::size_t const t) override { m_targets.at(t)->on_flushed(); }
	void on_stats(std::size_t const t, transfer_stats const& s) override { m_targets.at(t)->on_stats(s); }
	void on_target_error(std::size_t const t, error const& e) override { m_targets.at(t)->fail_with(e); }
	void on_listen_error(error const& e) override { fail_all(e); }

private:
	void plan();
	void start(job_plan plan);
	result<void> open(bool fresh);
	void partition(std::vector<planned_table> tables);
	void on_partitioned(written_tables const& written);
	void begin();
	void set_io_threads();
	void tick();
	void beacon_tick();
	void dial_tick();
	void changed();
	void report();
	void end_if_over();
	void fail_all(error const& e);
	void stop(int signal);
	void end();
	progress snapshot() const;

	manifest const& m_job;
	asio::io_context m_ios{1};
	asio::signal_set m_signals{m_ios, SIGINT, SIGTERM};
	asio::steady_timer m_tick{m_ios};
	asio::steady_timer m_beacon_tick{m_ios};
	asio::steady_timer m_dial_tick{m_ios};
	clock::time_point const m_started = clock::now();
	std::unique_ptr<beacon_sender> m_beacons;
	std::optional<console> m_console;
	std::shared_ptr<storage_context> m_storage;
	std::unique_ptr<swarm> m_swarm;
	asio::thread_pool m_blocking{blocking_threads}; // outlives all that waits for work in it
	std::vector<std::unique_ptr<target_job>> m_targets;
	job_state m_state = job_state::starting; // until the targets have states of their own
	std::vector<table_progress> m_tables;
	std::stop_source m_stop_planning;
	std::optional<error> m_error; // the first one
	int m_signal = 0;
	bool m_ended = false;
	blocking_scope m_scope{m_ios, m_blocking}; // last: work uses the members before it
};

job_runner::job_runner(manifest const& job, machine_identity const& self, job_options const& options)
	: m_job(job)
	, m_storage(std::make_shared<storage_context>(make_storage_settings(job.storage)))
{
	if (auto beacons = make_beacon_sender(m_ios, job, self); beacons)
	{
		m_beacons = std::move(beacons.value());
	}
	else
	{
		m_error = beacons.error();
		log::get(log::component::agent).error("{}", m_error->text);
	}
	if (options.show_progress)
	{
		m_console.emplace(stderr, wants_bar(stderr));
	}
}

job_outcome job_runner::run()
{
	m_signals.async_wait([this](boost::system::error_code const& ec, int const signal) {
		if (!ec)
		{
			stop(signal);
		}
	});
	report();
	if (m_error)
	{
		end();
	}
	else
	{
		plan();
		beacon_tick();
	}
	m_ios.run();

	job_outcome outcome;
	outcome.last = snapshot();
	outcome.exit_code = m_error ? static_cast<int>(m_error->kind) : m_signal != 0 ? 128 + m_signal : 0;
	return outcome;
}

void job_runner::plan()
{
	m_state = job_state::planning;
	report();
	m_scope.run_blocking([this] { return make_plan(m_job, m_stop_planning.get_token()); },
		[this](result<job_plan> plan) {
			if (m_ended)
			{
				return;
			}
			if (!plan)
			{
				log::get(log::component::agent).error("{}", plan.error().text);
				fail_all(plan.error());
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
	// all devices that are there, before the first byte to any of them
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

// Those on partitions that the job makes, or all others.
result<void> job_runner::open(bool const fresh)
{
	for (auto const& t : m_targets)
	{
		if (t->is_fresh() == fresh)
		{
			BOOST_OUTCOME_TRYV(t->open());
		}
	}
	return boost::outcome_v2::success();
}

void job_runner::partition(std::vector<planned_table> tables)
{
	m_state = job_state::partitioning;
	report();
	m_scope.run_blocking([tables = std::move(tables)] { return write_tables(tables); },
		[this](written_tables const& written) { on_partitioned(written); });
}

void job_runner::on_partitioned(written_tables const& written)
{
	m_tables = written.tables;
	if (written.failed)
	{
		log::get(log::component::agent).error("{}", written.failed->text);
		fail_all(*written.failed);
		return;
	}
	if (m_signal != 0)
	{
		end();
	}
	if (m_ended)
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
	m_state = job_state::downloading;
	set_io_threads();
	if (auto r = m_swarm->start(); !r)
	{
		log::get(log::component::agent).error("{}", r.error().text);
		fail_all(r.error());
		return;
	}
	for (auto const& t : m_targets)
	{
		t->start();
	}
	tick();
	dial_tick();
}

// Now that the devices are known, and before the session makes the backend.
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
	if (m_ended)
	{
		return;
	}
	if (m_console)
	{
		m_console->update(snapshot());
	}
	m_tick.expires_after(tick_interval);
	m_tick.async_wait([this](boost::system::error_code const& ec) {
		if (!ec && !m_ended)
		{
			tick();
		}
	});
}

void job_runner::beacon_tick()
{
	m_beacon_tick.expires_after(m_job.beacon.interval);
	m_beacon_tick.async_wait([this](boost::system::error_code const& ec) {
		if (!ec && !m_ended)
		{
			m_beacons->send(snapshot());
			beacon_tick();
		}
	});
}

void job_runner::dial_tick()
{
	m_dial_tick.expires_after(dial_interval);
	m_dial_tick.async_wait([this](boost::system::error_code const& ec) {
		if (!ec && !m_ended)
		{
			m_swarm->dial();
			dial_tick();
		}
	});
}

// A target's state changed.
void job_runner::changed()
{
	for (auto const& t : m_targets)
	{
		if (!m_error && t->first_error())
		{
			m_error = t->first_error();
		}
	}
	if (m_ended)
	{
		return;
	}
	report();
	// not from inside of the target that told
	m_scope.post([this] { end_if_over(); });
}

void job_runner::report()
{
	auto const p = snapshot();
	if (m_beacons)
	{
		m_beacons->send(p);
	}
	if (m_console)
	{
		m_console->update(p);
	}
}

void job_runner::end_if_over()
{
	if (!m_ended && !m_targets.empty()
		&& std::ranges::all_of(m_targets, [](auto const& t) { return is_final(t->state()); }))
	{
		end();
	}
}

void job_runner::fail_all(error const& e)
{
	if (m_ended)
	{
		return;
	}
	if (!m_error)
	{
		m_error = e;
	}
	for (auto const& t : m_targets)
	{
		t->fail_with(e);
	}
	end();
}

void job_runner::stop(int const signal)
{
	if (m_ended)
	{
		return;
	}
	m_signal = signal;
	m_signals.clear(); // a second signal ends the program at once
	log::get(log::component::agent).info("stopping: {}", signal_name(signal));
	m_stop_planning.request_stop();
	if (m_state == job_state::partitioning)
	{
		return; // a table is written whole, and the job ended after it
	}
	if (m_state < job_state::partitioning)
	{
		end();
		return;
	}
	// who only serves has nothing to lose: it is done, and not a failure to anyone who watches
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

void job_runner::end()
{
	if (std::exchange(m_ended, true))
	{
		return;
	}
	m_stop_planning.request_stop();
	for (auto const& t : m_targets)
	{
		t->stop_reading();
	}
	m_tick.cancel();
	m_beacon_tick.cancel();
	m_dial_tick.cancel();
	boost::system::error_code ignored;
	m_signals.cancel(ignored);
	auto const last = snapshot();
	if (m_console)
	{
		m_console->update(last);
	}
	if (m_beacons)
	{
		send_last(*m_beacons, last);
	}
	m_ios.stop();
}

progress job_runner::snapshot() const
{
	progress p;
	p.uptime = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - m_started);
	for (auto const& t : m_targets)
	{
		p.targets.push_back(t->snapshot());
	}
	p.tables = m_tables;
	p.state = m_state <= job_state::partitioning ? m_state : overall_state(p.targets);
	if (m_state == job_state::partitioning && !m_ended)
	{
		std::ranges::for_each(p.targets, [](target_progress& t) { t.state = job_state::partitioning; });
	}
	if (m_targets.empty())
	{
		for (auto const& wanted : m_job.targets)
		{
			target_progress t;
			t.device = wanted.device;
			t.info_hash = wanted.info_hash;
			t.state = m_state;
			p.targets.push_back(std::move(t));
		}
	}
	if (m_error)
	{
		p.error = progress_error{static_cast<int>(m_error->kind), m_error->text + what_was_changed(m_tables)};
	}
	else if (m_signal != 0 && p.state != job_state::done)
	{
		p.error = progress_error{128 + m_signal, fmt::format("stopped by {}", signal_name(m_signal))};
	}
	if (m_ended && p.error)
	{
		p.state = job_state::failed;
	}
	p.storage = storage_numbers(m_storage->stats());
	return p;
}

} // namespace

job_outcome run_job(manifest const& job, machine_identity const& self, job_options const& options)
{
	job_runner runner(job, self, options);
	return runner.run();
}

} // namespace rawswarm
