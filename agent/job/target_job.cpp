// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/target_job.hpp"

#include "agent/job/finish_image.hpp"
#include "agent/job/gpt_copy.hpp"
#include "agent/job/image_check.hpp"
#include "agent/job/shrunk_disk.hpp"
#include "agent/job/source_sample.hpp"
#include "agent/job/storage_setup.hpp"
#include "agent/job/table_sector.hpp"
#include "agent/job/transfer_progress.hpp"
#include "agent/log/log.hpp"
#include "storage/device/device_probe.hpp"
#include "storage/device/watched_device.hpp"

#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace rawswarm
{

target_job::target_job(std::size_t const number, planned_target plan, environment env)
	: m_number(number)
	, m_plan(std::move(plan))
	, m_env(std::move(env))
	, m_device(m_plan.spec.device, m_env.storage.device_timeout)
	, m_progress(
		  m_plan.spec.device, [this] { return m_env.peers.why_no_peers(); }, clock::now())
	, m_phases(clock::now())
	, m_completion(m_plan, m_env.verify, m_scope,
		  {[this](target_event const e) { complete(e); }, [this](std::string text) { note(std::move(text)); },
			  [this](error const& e) { fail_with(e); }})
	, m_scope(m_env.ios, m_env.blocking)
{
	m_env.peers.expect(m_number, *m_plan.torrent);
}

bool target_job::apply(target_event const event)
{
	auto const now = clock::now();
	if (!m_phases.apply(event, now))
	{
		return false;
	}
	m_progress.restart(now);
	m_rates.restart();
	log::get(log::component::agent).info("{}: {}", m_plan.spec.device, to_string(state()));
	m_env.on_change();
	return true;
}

result<void> target_job::open()
{
	auto device = open_planned(m_plan, m_env.storage.direct);
	if (!device)
	{
		fail_with(device.error());
		return device.error();
	}
	device.value()->count_calls(m_env.calls);
	note(note_on_odd_extents(m_plan));
	auto const on_error = [this, post = m_scope.make_poster()](
							  error const& e) { post([this, e] { fail_with(e); }); };
	auto const p = make_profile(kind_of(m_plan.spec.device), m_env.storage);
	target_options options{.profile = p, .must_match = m_plan.spec.role == target_role::seed};
	if (options.must_match)
	{
		if (m_plan.spec.existing == existing_data::discard)
		{
			options.seals = std::move(m_plan.seals); // otherwise all of it is hashed
		}
		options.on_bad_piece = [this, post = m_scope.make_poster()](lt::piece_index_t const piece,
								   error const& e) { post([this, piece, e] { withdraw(piece, e); }); };
	}
	auto watched = std::make_unique<watched_device>(std::move(device).value());
	m_device.begin(*watched);
	std::unique_ptr<block_device> used = std::move(watched);
	if (m_plan.shrinks_to)
	{
		used = shortened(m_plan, std::move(used));
	}
	m_storage = std::make_shared<storage_target>(
		std::move(used), m_plan.torrent, m_plan.extents, std::move(options), on_error);
	log::get(log::component::storage)
		.info("{}: used as {}, writes at once {}, reads {}", m_plan.spec.device, to_string(p.kind), p.writers,
			p.readers);
	return success();
}

void target_job::start()
{
	m_completion.begin(*m_storage);
	if (m_plan.spec.existing == existing_data::verify)
	{
		apply(target_event::opened_to_check);
		check_existing();
		return;
	}
	join_swarm();
}

void target_job::join_swarm()
{
	m_progress.await_others(clock::now());
	m_table.begin(m_plan, *m_storage);
	if (m_env.peers.add(m_number, m_plan.torrent, m_plan.spec.role, m_storage, m_plan.frame_lengths))
	{
		on_joined();
	}
}

void target_job::on_joined()
{
	m_progress.joined();
	if (is_final(state()))
	{
		return;
	}
	m_in_swarm = true;
	m_serving.join(clock::now());
	if (state() == job_state::seeding)
	{
		return; // anew, after a bad piece
	}
	m_serving.begin(clock::now());
	if (auto const piece = m_table.piece(m_plan))
	{
		m_env.peers.fetch_first(m_number, *piece);
	}
	if (m_plan.spec.role != target_role::seed)
	{
		apply(state() == job_state::checking ? target_event::checked : target_event::opened);
		return;
	}
	apply(target_event::opened_to_serve);
	if (m_plan.spec.existing == existing_data::discard)
	{
		look_at_source();
	}
}

// Pieces that are asked for are checked before they are served. This tells the person, too, and at once.
void target_job::look_at_source()
{
	m_scope.run_blocking(
		[this] {
			auto const pieces = sample_pieces(m_plan.spec.device, m_plan.extents, *m_plan.torrent);
			return hash_sample(*m_storage, pieces, m_stop_reading.get_token());
		},
		[this](result<int> const& differ) {
			if (!differ)
			{
				note(fmt::format("a sample of it could not be read: {}", differ.error().text));
			}
			else if (differ.value() > 0)
			{
				note(
					fmt::format("it is no longer what its torrent says: of a sample of its pieces {} differ. "
								"Was it booted or written to since?",
						differ.value()));
			}
		});
}

// Goes on serving without the piece. libtorrent hashes each piece before it is served only as long as it may
// take all for right, so all are hashed now, and each is served from when it is known to be right.
void target_job::withdraw(lt::piece_index_t const piece, error const& e)
{
	if (state() != job_state::seeding || m_is_leaving)
	{
		return;
	}
	bool const is_first = !m_error;
	auto const i = static_cast<std::size_t>(static_cast<int>(piece));
	if (!is_first && !m_served[i])
	{
		return; // peers do not know of it; the log tells at the end of the check
	}
	log::get(log::component::agent)
		.error("{}: piece {} is served no longer{}", e.text, static_cast<int>(piece),
			is_first ? ", the others once they are hashed" : "");
	m_error = m_error ? m_error : e;
	m_env.on_change();
	leave();
	m_served = m_storage->verified_pieces();
	join_swarm();
	if (is_first)
	{
		m_scope.run_blocking(
			[this] { return keep_what_is_right(*m_storage, m_checked, m_stop_reading.get_token()); },
			[this](result<void> const& r) { on_hashed(r); });
	}
}

void target_job::on_hashed(result<void> const& r)
{
	if (state() != job_state::seeding || m_is_leaving || m_stop_reading.stop_requested())
	{
		return;
	}
	if (!r)
	{
		fail_with(r.error());
		return;
	}
	log::get(log::component::agent)
		.error("{}: {} of {} pieces are right and served", m_plan.spec.device,
			std::ranges::count(m_storage->verified_pieces(), true), m_plan.torrent->num_pieces());
}

void target_job::serve_what_is_right()
{
	auto const verified = m_storage->verified_pieces();
	std::transform(verified.begin(), verified.end(), m_served.begin(), m_served.begin(), std::logical_or<>());
	m_env.peers.serve(m_number, verified);
}

void target_job::check_table_once_it_is_there()
{
	bool const may_be_there = state() == job_state::downloading || state() == job_state::flushing;
	if (!may_be_there || !m_table.is_due(*m_storage))
	{
		return;
	}
	m_scope.run_blocking([this] { return check_gpt_place(m_storage->device()); },
		[this](result<void> const& r) {
			if (!r)
			{
				m_storage->fail(r.error()); // what waits is not written
				fail_with(r.error());
				return;
			}
			m_storage->release_writes();
		});
}

void target_job::note(std::string text)
{
	if (!text.empty())
	{
		log::get(log::component::agent).warn("{}: {}", m_plan.spec.device, text);
		m_notes.push_back(std::move(text));
	}
}

// Runs before the swarm is joined, so that no peer asks for a piece that is not checked yet.
void target_job::check_existing()
{
	m_scope.run_blocking(
		[this] {
			return m_plan.spec.role == target_role::seed
				? verify_content(
					m_storage->device(), image_of(m_plan), profile(), m_checked, m_stop_reading.get_token())
				: keep_what_is_right(*m_storage, m_checked, m_stop_reading.get_token());
		},
		[this](result<void> const& r) { on_checked(r); });
}

void target_job::on_checked(result<void> const& r)
{
	if (is_final(state()) || m_stop_reading.stop_requested())
	{
		return;
	}
	if (!r)
	{
		fail_with(r.error());
		return;
	}
	log::get(log::component::agent)
		.info("{}: {} of {} bytes are there already", m_plan.spec.device, m_storage->verified(),
			m_storage->total());
	join_swarm();
}

void target_job::on_downloaded()
{
	if (apply(target_event::downloaded))
	{
		m_completion.downloaded();
		m_env.peers.flush(m_number);
	}
}

void target_job::on_fully_distributed()
{
	log::get(log::component::swarm).info("{}: every piece is out in the room", m_plan.spec.device);
}

void target_job::on_flushed()
{
	if (!m_on_safe)
	{
		m_completion.flushed();
		return;
	}
	m_scope.run_blocking([this] { return m_storage->sync(); },
		[this](result<void> const& r) {
			if (!r)
			{
				fail_with(r.error());
			}
			tell_that_it_is_safe();
		});
}

void target_job::tell_that_it_is_safe()
{
	if (m_on_safe)
	{
		std::exchange(m_on_safe, {})();
	}
}

void target_job::complete(target_event const event)
{
	if (event != target_event::safe_to_verify)
	{
		m_serving.begin(clock::now());
	}
	apply(event);
}

void target_job::on_stats(transfer_stats const& s)
{
	m_stats = s;
	if (s.peers > 0 || s.useful > 0)
	{
		m_completion.fill_gaps();
	}
	m_serving.set_needy_peers(s.needy_peers);
	m_serving.update(s.uploaded, clock::now());
}

void target_job::on_tick(manifest_seed_until const& until, std::chrono::seconds const timeout)
{
	check_device();
	follow_pace();
	check_table_once_it_is_there();
	if (state() == job_state::seeding)
	{
		if (m_error)
		{
			serve_what_is_right();
		}
		auto const so_far = m_serving.so_far(m_plan.spec.role, m_storage->total(), clock::now());
		if (has_served(until, so_far))
		{
			stop_serving();
			return;
		}
		m_progress.serves(serves_until(until, so_far));
		return;
	}
	if (!is_final(state()) && m_storage)
	{
		watch_progress(timeout);
	}
}

void target_job::follow_pace()
{
	if (m_storage && !is_final(state()))
	{
		target_progress p;
		p.state = state();
		add_storage(p);
		auto const now = clock::now();
		bool const is_flushing = p.state == job_state::flushing;
		m_rates.update(is_flushing ? p.written : p.done, p.total, now);
		if (is_flushing || p.state == job_state::downloading)
		{
			m_rates.wrote(p.written, now);
		}
	}
}

void target_job::watch_progress(std::chrono::seconds const timeout)
{
	target_progress p;
	p.state = state();
	add_storage(p);
	target_advance const advance{p.state, m_stats.useful,
		m_checked + m_completion.read() + m_completion.zeroed(), m_storage->written(), p.done, p.total,
		m_stats.peers, m_device.is_syncing(), m_completion.gap_bytes() - m_completion.zeroed()};
	if (auto const e = m_progress.check(advance, timeout, clock::now()))
	{
		fail_with(*e);
	}
}

// A device that hangs fails the target, and nothing more is written should it answer.
void target_job::check_device()
{
	if (is_final(state()))
	{
		return;
	}
	if (auto const e = m_device.check(clock::now()))
	{
		fail_with(*e);
		m_storage->fail(*e);
	}
}

void target_job::stop_serving()
{
	if (state() != job_state::seeding || std::exchange(m_is_leaving, true))
	{
		return;
	}
	leave();
	if (m_plan.spec.gpt_copy == backup_gpt::move)
	{
		move_gpt();
		return;
	}
	// a seed that could not serve all has not done what it was to do
	apply(m_error ? target_event::error : target_event::served);
}

// Comes last, as it changes a piece that peers may ask for.
void target_job::move_gpt()
{
	m_scope.run_blocking([this] { return move_gpt_copy(m_plan.spec.device); },
		[this](result<std::string> const& moved) {
			if (!moved)
			{
				fail_with(moved.error());
				return;
			}
			note(moved.value());
			apply(target_event::served);
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
	m_storage->release_writes(); // nobody looks at the table any more
	m_env.peers.flush(m_number);
}

void target_job::fail_with(error const& e)
{
	if (is_final(state()))
	{
		return;
	}
	m_error = m_error ? m_error : e;
	log::get(log::component::agent).error("{}", e.text);
	stop_reading();
	leave();
	apply(target_event::error);
	tell_that_it_is_safe();
}

void target_job::close_device()
{
	m_device.end();
	if (m_storage)
	{
		m_storage->close_device();
	}
}

void target_job::leave()
{
	m_in_swarm = false;
	m_env.peers.remove(m_number); // others may wait for it even before
}

target_progress target_job::snapshot() const
{
	target_progress p;
	p.device = m_plan.spec.device;
	p.info_hash = m_plan.info_hash;
	p.state = state();
	add_storage(p);
	add_transfer(p, m_stats, m_progress.stalled(clock::now()), m_rates);
	p.note = m_progress.note();
	if (m_error)
	{
		p.error = m_error->text;
	}
	p.notes = m_notes;
	p.phases = m_phases.phases(clock::now());
	p.steps = m_completion.steps();
	return p;
}

void target_job::add_storage(target_progress& p) const
{
	p.total = static_cast<std::int64_t>(m_plan.extents.total());
	if (m_plan.spec.role == target_role::seed && !m_error)
	{
		p.done = p.written = p.synced = p.total; // it existed before the job
	}
	else if (m_storage)
	{
		p.done = m_storage->verified();
		p.written = m_storage->written();
		p.synced = m_storage->synced();
		p.fetched = m_storage->arrived();
	}
	if (p.state == job_state::verifying)
	{
		p.done = std::min(m_completion.read(), p.total);
	}
}

} // namespace rawswarm
