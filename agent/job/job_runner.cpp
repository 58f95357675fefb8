// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_runner.hpp"

#include "agent/beacon/secret_file.hpp"
#include "agent/job/change_settings.hpp"
#include "agent/job/storage_setup.hpp"
#include "agent/log/log.hpp"
#include "agent/machine/network_card.hpp"
#include "agent/net/card_links.hpp"
#include "agent/progress/storage_progress.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <utility>

#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;

// Interval at which rates, displays and time limits are updated.
constexpr std::chrono::milliseconds tick_interval{250};

// Interval at which the job's peers that are not connected are dialled again.
constexpr std::chrono::seconds dial_interval{2};

// Interval at which the kernel is asked whether there is a link.
constexpr std::chrono::seconds link_interval{1};

// In place of what a target waits for, where that is the network. What arrives although there is no link
// comes from this machine itself.
void tell_of_link(link_watch const& link, target_progress& p)
{
	bool const needs_network = p.state == job_state::downloading || p.state == job_state::seeding;
	bool const is_served = p.down > 0 || p.up > 0;
	if (!link.text().empty() && needs_network && !(link.is_gone() && is_served))
	{
		p.note = link.text();
	}
}

// Planning, and two for each target: its gaps are zeroed while it is synced. One that hangs keeps both.
int blocking_threads(manifest const& job)
{
	return 2 + 2 * static_cast<int>(std::max<std::size_t>(job.targets.size(), 1));
}

} // namespace

job_runner::job_runner(
	manifest const& job, machine_identity const& self, int const signals, job_start const& start)
	: m_job(job)
	, m_signals(m_ios, ::dup(signals))
	, m_tick(m_ios, tick_interval, [this] { tick(); })
	, m_stop_tick(m_ios, tick_interval, [this] { check_stop(); })
	, m_dial_tick(m_ios, dial_interval, [this] { m_swarm->dial(); })
	, m_link_tick(m_ios, link_interval, [this] { look_for_link(); })
	, m_control({m_ios, [this] { return snapshot(); }, [this] { return ask_peers(); },
					[this] { on_signal(SIGTERM); }, [this] { return settings(); },
					[this](std::span<std::string const> const words) { return change(words); }},
		  job.name)
	, m_storage(std::make_shared<storage_context>(make_storage_settings(job.storage)))
	, m_blocking(static_cast<std::size_t>(blocking_threads(job)))
	, m_phases(start.fetching)
	, m_limits(card_rate(self.mac), job.swarm.download_limit, !job.swarm.web_seeds.empty())
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
	for (auto const& t : m_targets)
	{
		t->stop_serving();
	}
}

void job_runner::start(job_plan plan)
{
	m_swarm = std::make_unique<swarm>(m_ios, m_job.swarm, m_storage, *this);
	m_swarm->set_room_key(m_room_key);
	target_job::environment const env{m_ios, m_blocking, *m_swarm, m_job.storage, m_storage->stats().calls,
		m_job.verify, [this] { changed(); }};
	for (auto& p : plan.targets)
	{
		m_targets.push_back(std::make_unique<target_job>(m_targets.size(), std::move(p), env));
	}
	m_status.is_to_finish = has_finishing(m_job, disks_to_finish());
	m_status.owes_finishing = m_capture || asks_for_finishing(m_job, disks_to_finish());
	for (auto const& v : plan.volumes)
	{
		m_status.volumes.push_back(
			{v.spec.device, describe(v.spec.source), v.spec.sha256, v.bytes.size(), false});
	}
	m_volumes = std::make_unique<volume_writer>(std::move(plan.volumes), m_job.storage.direct);
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
	for (auto const& t : m_targets)
	{
		if (t->needs_new_partition() == on_new_partitions)
		{
			BOOST_OUTCOME_TRYV(t->open());
		}
	}
	return m_volumes->open(on_new_partitions);
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
	m_phases.leave(clock::now());
	set_io_threads();
	if (auto r = m_swarm->start(); !r)
	{
		log_and_fail_all(r.error());
		return;
	}
	m_swarm_has_begun = true;
	for (auto const& t : m_targets)
	{
		t->start();
	}
	tick();
	m_tick.start();
	m_dial_tick.start();
	m_link_tick.start();
}

// Called once the devices are known, and before the session makes the backend.
void job_runner::set_io_threads()
{
	auto settings = m_storage->settings();
	settings.io_threads = io_threads_of(storages(), m_job.storage);
	m_storage->change_settings(settings);
}

// Of the targets that have a device.
std::vector<std::shared_ptr<storage_target>> job_runner::storages() const
{
	std::vector<std::shared_ptr<storage_target>> all;
	all.reserve(m_targets.size());
	for (auto const& t : m_targets)
	{
		if (t->storage() && !is_final(t->state()))
		{
			all.push_back(t->storage());
		}
	}
	return all;
}

agent_settings job_runner::settings() const
{
	return settings_of(*m_storage, storages());
}

result<void> job_runner::change(std::span<std::string const> const words)
{
	BOOST_OUTCOME_TRY(wanted, parse_settings_change(words));
	// before, further devices may still be opened, which would not have what the others get
	auto const in_use = m_swarm_has_begun ? storages() : std::vector<std::shared_ptr<storage_target>>();
	BOOST_OUTCOME_TRYV(change_settings(wanted, *m_storage, in_use, m_job.storage));
	if (m_swarm && m_swarm_has_begun)
	{
		m_swarm->apply_storage_settings();
	}
	return success();
}

void job_runner::tick()
{
	m_swarm->update();
	for (auto const& t : m_targets)
	{
		t->on_tick(m_job.seed_until, m_job.timeout);
	}
	take_sample();
	if (!m_status.has_ended)
	{
		m_displays.draw();
	}
	log::tell_repeats_that_are_due();
}

void job_runner::take_sample()
{
	m_limits.update(targets(), m_storage->stats(), m_swarm->activity(), clock::now());
}

void job_runner::look_for_link()
{
	auto& logger = log::get(log::component::agent);
	switch (m_link.update(why_no_link(card_links()), clock::now()))
	{
	case link_watch::verdict::nothing_new: break;
	case link_watch::verdict::is_gone: logger.warn("{}", m_link.text()); break;
	case link_watch::verdict::is_back: logger.info("{}", m_link.text()); break;
	}
}

void job_runner::enter(job_state const state)
{
	m_status.state = state;
	m_phases.enter(state, clock::now());
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
	if (!m_status.has_ended && !m_targets.empty()
		&& std::ranges::all_of(m_targets, [](auto const& t) { return is_final(t->state()); }))
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

std::vector<disk_to_finish> job_runner::disks_to_finish() const
{
	std::vector<disk_to_finish> disks;
	for (auto const& t : m_targets)
	{
		auto const& spec = t->plan().spec;
		if (spec.role == target_role::image)
		{
			disks.push_back({spec.device, spec.grow, spec.ids, spec.files, spec.boot_entry});
		}
	}
	return disks;
}

// Nobody is served any more. Tools that work on the disks claim them, so that ours are closed first.
void job_runner::finish()
{
	enter(job_state::finishing);
	m_tick.stop();
	m_dial_tick.stop();
	m_link_tick.stop();
	m_swarm.reset();
	std::vector<target_job*> targets;
	for (auto const& t : m_targets)
	{
		t->close_device();
		if (t->plan().spec.role == target_role::image)
		{
			targets.push_back(t.get());
		}
	}
	auto const note = [this, targets](std::size_t const disk, std::string text) {
		boost::asio::post(m_ios, [target = targets[disk], text = std::move(text)] { target->note(text); });
	};
	auto const written = [this, post = m_scope.make_poster()](
							 std::size_t const volume, std::string const& device) {
		post([this, volume, device] {
			m_status.volumes[volume].device = device;
			m_status.volumes[volume].written = true;
		});
	};
	m_scope.run_blocking(
		[this, disks = disks_to_finish(), note, written]() -> result<void> {
			BOOST_OUTCOME_TRYV(m_volumes->write(written, m_stop_finishing.get_token()));
			return finish_disks(m_job, disks, note, m_stop_finishing.get_token());
		},
		[this](result<void> const& finished) {
			if (!finished && m_status.signal == 0)
			{
				log_and_fail_all(finished.error());
				return;
			}
			m_status.owes_finishing = m_status.owes_finishing && m_status.signal != 0;
			end();
		});
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
	m_stop.begin(clock::now());
	m_stop_tick.start();
	log::get(log::component::agent).info("stopping: {}", signal_name(signal));
	m_stop_planning.request_stop();
	if (m_status.state == job_state::partitioning)
	{
		return; // the table is written whole; on_partitioned() then ends the job
	}
	if (m_status.state == job_state::finishing)
	{
		m_stop_finishing.request_stop(); // finish() then ends the job
		return;
	}
	if (m_status.state < job_state::partitioning || !m_swarm)
	{
		end(); // also while a disk is read for its image
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
	if (!m_stop.is_to_end(bytes, now))
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
	logger.error("stopping: given up after {} seconds", m_stop.so_far(now).count());
	end();
}

void job_runner::end()
{
	if (std::exchange(m_status.has_ended, true))
	{
		return;
	}
	m_phases.leave(clock::now());
	m_stop_planning.request_stop();
	m_stop_finishing.request_stop();
	if (m_capture)
	{
		m_capture->stop();
	}
	for (auto const& t : m_targets)
	{
		t->stop_reading();
	}
	m_tick.stop();
	m_dial_tick.stop();
	m_link_tick.stop();
	m_stop_tick.stop();
	m_displays.end();
	m_control.end(snapshot(), exit_code_of(m_status));
	log::tell_repeats();
	m_ios.stop();
}

std::size_t job_runner::ask_peers() const
{
	return m_swarm && !m_status.has_ended ? m_swarm->ask_peers() : 0;
}

std::vector<target_progress> job_runner::targets() const
{
	std::vector<target_progress> all;
	if (m_capture && m_targets.empty())
	{
		all.push_back(m_capture->snapshot());
	}
	for (auto const& t : m_targets)
	{
		all.push_back(t->snapshot());
		tell_of_link(m_link, all.back());
	}
	return all;
}

progress job_runner::snapshot() const
{
	auto all = targets();
	auto limit = m_limits.verdict(all);
	auto p = overall_progress(m_status, m_job, std::move(all));
	p.limit = std::move(limit);
	p.phases = m_phases.so_far(clock::now());
	p.uptime = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - m_started);
	p.storage = summarize_storage(m_storage->stats());
	return p;
}

} // namespace rawswarm
