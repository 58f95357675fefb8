// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/target_job.hpp"

#include "agent/job/image_check.hpp"
#include "agent/job/storage_setup.hpp"
#include "agent/log/log.hpp"
#include "agent/machine/partition_table.hpp"
#include "storage/device/device_probe.hpp"

#include <boost/asio/post.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <utility>

namespace rawswarm
{

target_job::target_job(std::size_t const number, planned_target plan, environment env)
	: m_number(number)
	, m_plan(std::move(plan))
	, m_env(std::move(env))
{}

phase_time target_job::current_phase() const
{
	return {m_state, std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - m_state_since)};
}

bool target_job::apply(target_event const event)
{
	auto const next = next_state(m_state, event);
	if (!next)
	{
		return false;
	}
	m_last_progress = clock::now();
	m_phases.push_back(current_phase());
	m_state_since = m_last_progress;
	m_state = *next;
	log::get(log::component::agent).info("{}: {}", m_plan.wanted.device, to_string(m_state));
	m_env.on_change();
	return true;
}

result<void> target_job::open()
{
	auto device = open_planned(m_plan, m_env.storage.direct);
	if (!device)
	{
		fail(device.error());
		return device.error();
	}
	auto const on_error = [self = weak_from_this(), &ios = m_env.ios](error const& e) {
		boost::asio::post(ios, [self, e] {
			if (auto const t = self.lock())
			{
				t->fail(e);
			}
		});
	};
	auto const p = make_profile(kind_of(m_plan.wanted.device), m_env.storage);
	target_options const options{.profile = p, .must_match = m_plan.wanted.role == target_role::seed};
	m_storage = std::make_shared<storage_target>(
		std::move(device).value(), m_plan.torrent, m_plan.extents, options, on_error);
	log::get(log::component::storage)
		.info("{}: used as {}, writes at once {}, reads {}", m_plan.wanted.device, to_string(p.kind),
			p.writers, p.readers);
	return boost::outcome_v2::success();
}

void target_job::start()
{
	zero_gaps();
	if (m_plan.wanted.role == target_role::image && m_plan.wanted.existing == existing_data::verify)
	{
		apply(target_event::opened_to_check);
		check_existing();
		return;
	}
	join_swarm();
	apply(m_plan.wanted.role == target_role::seed ? target_event::opened_to_serve : target_event::opened);
}

void target_job::join_swarm()
{
	m_env.peers.add(m_number, m_plan.torrent, m_plan.wanted.role, m_storage);
	m_in_swarm = true;
	m_done_at = m_last_upload = clock::now();
}

// Before the swarm is joined: nobody asks for a piece that is still to be looked at.
void target_job::check_existing()
{
	boost::asio::post(m_env.blocking, [self = shared_from_this()] {
		auto r = keep_what_is_right(*self->m_storage, self->m_checked, self->m_stop_reading.get_token());
		boost::asio::post(self->m_env.ios, [self, r = std::move(r)] { self->on_checked(r); });
	});
}

void target_job::on_checked(result<void> const& r)
{
	if (is_over() || m_stop_reading.stop_requested())
	{
		return;
	}
	if (!r)
	{
		fail(r.error());
		return;
	}
	log::get(log::component::agent)
		.info("{}: {} of {} bytes are there already", m_plan.wanted.device, m_storage->verified(),
			m_storage->total());
	join_swarm();
	apply(target_event::checked);
}

// Beside the download: gaps and extents have no byte in common.
void target_job::zero_gaps()
{
	auto gaps = rawswarm::zero_gaps(m_plan);
	if (gaps.empty())
	{
		m_gaps_are_zero = true;
		return;
	}
	boost::asio::post(m_env.blocking, [self = shared_from_this(), gaps = std::move(gaps)] {
		for (auto const& gap : gaps)
		{
			if (self->m_storage->failed())
			{
				return;
			}
			if (auto r = self->m_storage->device().zero(gap.offset, gap.length); !r)
			{
				self->m_storage->fail(r.error());
				return;
			}
		}
		boost::asio::post(self->m_env.ios, [self] {
			self->m_gaps_are_zero = true;
			self->sync_when_ready();
		});
	});
}

void target_job::on_downloaded()
{
	if (apply(target_event::downloaded))
	{
		m_env.peers.flush(m_number);
	}
}

void target_job::on_fully_distributed()
{
	log::get(log::component::swarm).info("{}: every piece is out in the room", m_plan.wanted.device);
}

void target_job::on_flushed()
{
	m_flushed = true;
	sync_when_ready();
}

void target_job::sync_when_ready()
{
	// libtorrent tells of a flush more than once
	bool const is_last = m_state == job_state::flushing && m_flushed && m_gaps_are_zero;
	if (m_on_safe || (is_last && !std::exchange(m_last_sync, true)))
	{
		sync();
	}
}

void target_job::sync()
{
	boost::asio::post(m_env.blocking, [self = shared_from_this()] {
		auto r = self->m_storage->sync();
		boost::asio::post(self->m_env.ios, [self, r = std::move(r)] { self->on_synced(r); });
	});
}

void target_job::on_synced(result<void> const& r)
{
	if (!r)
	{
		fail(r.error());
	}
	if (m_on_safe)
	{
		std::exchange(m_on_safe, {})();
		return;
	}
	if (is_over())
	{
		return;
	}
	// libtorrent's word is not enough: every piece must have passed and every block been written
	if (!m_storage->complete())
	{
		fail(rawswarm::fail(fault::internal, "imaging {}: {} of {} bytes are verified and {} written",
			m_plan.wanted.device, m_storage->verified(), m_storage->total(), m_storage->written()));
		return;
	}
	if (m_env.verify == verification::readback)
	{
		apply(target_event::safe_to_verify);
		read_back();
		return;
	}
	finish(target_event::safe);
}

void target_job::read_back()
{
	m_checked = 0;
	boost::asio::post(m_env.blocking, [self = shared_from_this()] {
		auto r = verify_content(self->m_storage->device(), self->m_plan, self->m_storage->profile(),
			self->m_checked, self->m_stop_reading.get_token());
		boost::asio::post(self->m_env.ios, [self, r = std::move(r)] { self->on_read_back(r); });
	});
}

void target_job::on_read_back(result<void> const& r)
{
	if (is_over() || m_stop_reading.stop_requested())
	{
		return;
	}
	if (!r)
	{
		fail(r.error());
		return;
	}
	finish(target_event::verified);
}

// What was written to a whole disk has a partition table of its own, perhaps.
void target_job::finish(target_event const event)
{
	boost::asio::post(m_env.blocking, [self = shared_from_this(), event] {
		auto r = show_partitions(self->m_plan.wanted.device);
		boost::asio::post(self->m_env.ios, [self, event, r = std::move(r)] {
			if (!r)
			{
				self->fail(r.error());
				return;
			}
			self->m_done_at = self->m_last_upload = clock::now();
			self->apply(event);
		});
	});
}

void target_job::on_stats(transfer_stats const& s)
{
	m_stats = s;
	if (s.uploaded > m_last_uploaded)
	{
		m_last_uploaded = s.uploaded;
		m_last_upload = clock::now();
	}
}

void target_job::on_tick(manifest_seed_until const& until, std::chrono::seconds const timeout)
{
	if (m_state == job_state::seeding)
	{
		auto const now = clock::now();
		auto const uploaded = m_stats.uploaded;
		if (has_served(until,
				{m_plan.wanted.role, now - m_done_at, now - m_last_upload, uploaded, m_storage->total()}))
		{
			stop_serving();
		}
		return;
	}
	if (is_over() || !m_storage || timeout.count() == 0)
	{
		return;
	}
	if (auto const moved = m_storage->verified() + m_checked; moved != m_last_moved)
	{
		m_last_moved = moved;
		m_last_progress = clock::now();
	}
	if (m_state != job_state::flushing && clock::now() - m_last_progress >= timeout)
	{
		fail(rawswarm::fail(fault::network, "{} {}: no progress for {} seconds, {} of {} bytes done",
			m_state == job_state::downloading ? "downloading to" : to_string(m_state), m_plan.wanted.device,
			timeout.count(), snapshot().done, m_storage->total()));
	}
}

void target_job::stop_serving()
{
	if (m_state != job_state::seeding || std::exchange(m_is_leaving, true))
	{
		return;
	}
	leave();
	if (m_plan.wanted.gpt_copy == backup_gpt::move)
	{
		move_gpt();
		return;
	}
	apply(target_event::served);
}

// Last, as what it changes is in a piece that peers may ask for.
void target_job::move_gpt()
{
	boost::asio::post(m_env.blocking, [self = shared_from_this()] {
		auto moved = move_backup_gpt(self->m_plan.wanted.device, disk_access::held);
		boost::asio::post(self->m_env.ios, [self, moved = std::move(moved)] {
			if (!moved)
			{
				self->fail(moved.error());
				return;
			}
			self->apply(target_event::served);
		});
	});
}

void target_job::make_safe(std::function<void()> on_safe)
{
	stop_reading();
	if (!m_in_swarm || !m_storage || m_storage->failed())
	{
		on_safe();
		return;
	}
	m_on_safe = std::move(on_safe);
	m_env.peers.flush(m_number);
}

void target_job::fail(error const& e)
{
	if (is_over())
	{
		return;
	}
	m_error = e;
	log::get(log::component::agent).error("{}", e.text);
	stop_reading();
	leave();
	apply(target_event::error);
	if (m_on_safe)
	{
		std::exchange(m_on_safe, {})();
	}
}

void target_job::leave()
{
	if (std::exchange(m_in_swarm, false))
	{
		m_env.peers.remove(m_number);
	}
}

target_progress target_job::snapshot() const
{
	target_progress p;
	p.device = m_plan.wanted.device;
	p.info_hash = m_plan.info_hash;
	p.state = m_state;
	p.total = static_cast<std::int64_t>(m_plan.extents.total());
	if (m_plan.wanted.role == target_role::seed && !m_error)
	{
		p.done = p.written = p.synced = p.total; // it was there before
	}
	else if (m_storage)
	{
		p.done = m_storage->verified();
		p.written = m_storage->written();
		p.synced = m_storage->synced();
		p.fetched = m_storage->arrived();
	}
	p.uploaded = m_stats.uploaded;
	if (m_state == job_state::verifying)
	{
		p.done = std::min<std::int64_t>(m_checked, p.total);
	}
	if (!is_over())
	{
		p.down = m_stats.down;
		p.up = m_stats.up;
		p.peers = m_stats.peers;
	}
	if (m_state == job_state::downloading && p.down > 0)
	{
		p.eta_s = (p.total - p.done) / p.down;
	}
	if (m_error)
	{
		p.error = m_error->text;
	}
	p.phases = m_phases;
	if (!is_over())
	{
		p.phases.push_back(current_phase());
	}
	return p;
}

} // namespace rawswarm
