// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_runner.hpp"

#include "agent/beacon/secret_file.hpp"
#include "agent/job/storage_setup.hpp"
#include "agent/log/log.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace rawswarm
{

namespace
{

// Interval at which rates, displays and time limits are updated.
constexpr std::chrono::milliseconds tick_interval{250};

// Interval at which the job's peers that are not connected are dialled again.
constexpr std::chrono::seconds dial_interval{2};

// Planning, and two for each target: its gaps are zeroed while it is synced. One that hangs keeps both.
int blocking_threads(manifest const& job)
{
	return 2 + 2 * static_cast<int>(std::max<std::size_t>(job.targets.size(), 1));
}

} // namespace

job_runner::job_runner(
	manifest const& job, machine_identity const& self, int const signals, job_start const& start)
	: m_job(job)
	, m_signals(m_ios, signals, [this](int const signal) { on_signal(signal); })
	, m_tick(m_ios, tick_interval, [this] { tick(); })
	, m_dial_tick(m_ios, dial_interval, [this] { m_swarm->dial(); })
	, m_control({m_ios, [this] { return snapshot(); }, [this] { return ask_peers(); },
					[this] { on_signal(SIGTERM); }, [this] { return m_settings.current(); },
					[this](std::span<std::string const> const words) {
						return m_settings.change(words, m_swarm_has_begun ? m_swarm.get() : nullptr);
					}},
		  job.name)
	, m_storage(std::make_shared<storage_context>(make_storage_settings(job.storage)))
	, m_blocking(static_cast<std::size_t>(blocking_threads(job)))
	, m_progress({m_job, m_status, m_targets, m_link, *m_storage}, self, start.fetching)
{
	m_control.listen(start.socket);
	auto r = m_displays.make_beacons(self);
	if (r)
	{
		r = read_keys();
	}
	if (!r)
	{
		m_status.failure = r.error();
		log::get(log::component::agent).error("{}", r.error().text);
	}
}

// Before anything is done to a device.
result<void> job_runner::read_keys()
{
	if (!m_job.swarm.key_file.empty())
	{
		BOOST_OUTCOME_TRY(key, read_room_key(m_job.swarm.key_file));
		m_room_key = std::move(key);
	}
	return success();
}

job_outcome job_runner::run()
{
	m_signals.start();
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
			if (plan.value().capture)
			{
				capture(*plan.value().capture);
				return;
			}
			start(std::move(plan.value()));
		});
}

// The disk is read, then served as the target of any job is, until the server has it.
void job_runner::capture(manifest_capture const& disk)
{
	auto const limit = m_job.timeout.count() > 0 ? m_job.timeout : m_job.storage.device_timeout;
	capture_job::environment env{m_ios, m_blocking, limit,
		[this](planned_target target) {
			job_plan plan;
			plan.targets.push_back(std::move(target));
			start(std::move(plan));
		},
		[this] { m_displays.draw(); }, [this] { captured(); },
		[this](error const& e) { log_and_fail_all(e); }};
	m_capture = std::make_unique<capture_job>(disk, std::move(env));
	enter(job_state::checking);
	m_capture->start();
}

void job_runner::captured()
{
	m_status.owes_finishing = false;
	m_targets.stop_serving();
}

void job_runner::start(job_plan plan)
{
	m_swarm = std::make_unique<swarm>(m_ios, m_job.swarm, m_storage, *this);
	m_swarm->set_room_key(m_room_key);
	target_job::environment const env{m_ios, m_blocking, *m_swarm, m_job.storage, m_storage->stats().calls,
		m_job.verify, [this] { changed(); }};
	for (auto& p : plan.targets)
	{
		m_targets.add(std::move(p), env);
	}
	auto const disks = m_targets.disks_to_finish();
	m_status.is_to_finish = has_finishing(m_job, disks);
	m_status.owes_finishing = m_capture || asks_for_finishing(m_job, disks);
	m_status.volumes = m_finish.take(std::move(plan.volumes));
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

// Opens the targets and volumes on partitions that the job makes, or all others.
result<void> job_runner::open(bool const on_new_partitions)
{
	BOOST_OUTCOME_TRYV(m_targets.open(on_new_partitions));
	return m_finish.open_volumes(on_new_partitions);
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
	m_progress.leave();
	m_settings.set_io_threads();
	if (auto r = m_swarm->start(); !r)
	{
		log_and_fail_all(r.error());
		return;
	}
	m_swarm_has_begun = true;
	m_targets.start();
	tick();
	m_tick.start();
	m_dial_tick.start();
	m_link.start();
}

void job_runner::tick()
{
	m_swarm->update();
	m_targets.on_tick(m_job.seed_until, m_job.timeout);
	m_progress.sample(m_swarm->activity());
	if (!m_status.has_ended)
	{
		m_displays.draw();
	}
	log::tell_repeats_that_are_due();
}

void job_runner::enter(job_state const state)
{
	m_status.state = state;
	m_progress.enter(state);
	m_displays.show();
}

// Called by a target whose state has changed.
void job_runner::changed()
{
	if (!m_status.failure)
	{
		m_status.failure = m_targets.first_error();
	}
	if (m_status.has_ended)
	{
		return;
	}
	m_displays.show();
	// deferred: the target whose state changed is still calling
	m_scope.post([this] {
		if (m_capture && m_status.failure)
		{
			fail_all(*m_status.failure); // nobody will get the whole of it
		}
		end_if_over();
	});
}

void job_runner::end_if_over()
{
	if (!m_status.has_ended && m_targets.are_final())
	{
		if (m_status.failure || m_status.signal != 0 || !m_status.is_to_finish)
		{
			end();
		}
		else if (m_status.state != job_state::finishing)
		{
			finish();
		}
	}
}

// Nobody is served any more. Tools that work on the disks claim them, so that ours are closed first.
void job_runner::finish()
{
	enter(job_state::finishing);
	m_tick.stop();
	m_dial_tick.stop();
	m_link.stop();
	m_swarm.reset();
	m_targets.close_devices();
	m_finish.start(m_targets.disks_to_finish(),
		{[images = m_targets.images()](
			 std::size_t const disk, std::string const& text) { images[disk]->note(text); },
			[this](std::size_t const volume, std::string const& device) {
				m_status.volumes[volume].device = device;
				m_status.volumes[volume].written = true;
			},
			[this](result<void> const& finished) { on_finished(finished); }});
}

void job_runner::on_finished(result<void> const& finished)
{
	if (!finished && m_status.signal == 0)
	{
		log_and_fail_all(finished.error());
		return;
	}
	m_status.owes_finishing = m_status.owes_finishing && m_status.signal != 0;
	end();
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
	m_targets.fail_with(e);
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
	m_stop.begin();
	log::get(log::component::agent).info("stopping: {}", signal_name(signal));
	m_stop_planning.request_stop();
	if (m_status.state == job_state::partitioning)
	{
		return; // the table is written whole; on_partitioned() then ends the job
	}
	if (m_status.state == job_state::finishing)
	{
		m_finish.request_stop(); // finish() then ends the job
		return;
	}
	if (m_status.state < job_state::partitioning || !m_swarm)
	{
		end(); // also while a disk is read for its image
		return;
	}
	// a target that only serves loses nothing: it is done, not failed
	m_targets.stop_serving();
	m_swarm->pause();
	m_targets.make_safe([this] { m_scope.post([this] { end(); }); });
}

void job_runner::end()
{
	if (std::exchange(m_status.has_ended, true))
	{
		return;
	}
	m_progress.leave();
	m_stop_planning.request_stop();
	m_finish.request_stop();
	if (m_capture)
	{
		m_capture->stop();
	}
	m_targets.stop_reading();
	m_tick.stop();
	m_dial_tick.stop();
	m_link.stop();
	m_stop.end();
	m_displays.end();
	m_control.end(snapshot(), exit_code_of(m_status));
	log::tell_repeats();
	m_ios.stop();
}

std::size_t job_runner::ask_peers() const
{
	return m_swarm && !m_status.has_ended ? m_swarm->ask_peers() : 0;
}

} // namespace rawswarm
