// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/target_job.hpp"

#include "agent/job/fill_gaps.hpp"
#include "agent/job/gpt_copy.hpp"
#include "agent/job/image_check.hpp"
#include "agent/job/old_signatures.hpp"
#include "agent/job/storage_setup.hpp"
#include "agent/job/table_sector.hpp"
#include "agent/log/log.hpp"
#include "agent/machine/whole_disk.hpp"
#include "storage/device/device_probe.hpp"
#include "storage/device/gpt_place.hpp"

#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace rawswarm
{

namespace
{

// Without a byte for so long there is no rate, and the time that is left is not known.
constexpr std::chrono::seconds longest_quiet{10};

// A target that waits for others for less is not worth a line.
constexpr std::chrono::seconds shortest_wait{1};

} // namespace

target_job::target_job(std::size_t const number, planned_target plan, environment env)
	: m_number(number)
	, m_plan(std::move(plan))
	, m_env(std::move(env))
	, m_phases(clock::now())
	, m_stall(clock::now())
	, m_company(clock::now())
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
	m_stall.restart(now);
	m_company.restart(now);
	m_note.clear();
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
	tell_of_odd_extents();
	auto const on_error = [this, post = m_scope.make_poster()](
							  error const& e) { post([this, e] { fail_with(e); }); };
	auto const p = make_profile(kind_of(m_plan.spec.device), m_env.storage);
	target_options options{.profile = p, .must_match = m_plan.spec.role == target_role::seed};
	if (options.must_match)
	{
		options.on_bad_piece = [this, post = m_scope.make_poster()](lt::piece_index_t const piece,
								   error const& e) { post([this, piece, e] { withdraw(piece, e); }); };
	}
	auto watched = std::make_unique<watched_device>(std::move(device).value());
	m_device = watched.get();
	m_storage = std::make_shared<storage_target>(
		std::move(watched), m_plan.torrent, m_plan.extents, options, on_error);
	log::get(log::component::storage)
		.info("{}: used as {}, writes at once {}, reads {}", m_plan.spec.device, to_string(p.kind), p.writers,
			p.readers);
	return success();
}

// Written exactly, as the kernel reads the rest of the sector; but no image of a disk has such extents.
void target_job::tell_of_odd_extents()
{
	std::error_code ignored;
	auto const all = m_plan.extents.extents();
	auto const odd = std::ranges::find_if(all, [](extent const& e) { return e.offset.bytes % 512 != 0; });
	if (odd != all.end() && std::filesystem::is_block_file(m_plan.spec.device, ignored))
	{
		note(fmt::format(
			"the torrent's file at {:#x} begins inside a sector: is it an image?", odd->offset.bytes));
	}
}

void target_job::start()
{
	start_zeroing();
	if (m_plan.spec.role == target_role::image && m_plan.spec.existing == existing_data::verify)
	{
		apply(target_event::opened_to_check);
		check_existing();
		return;
	}
	join_swarm();
}

void target_job::join_swarm()
{
	m_awaits_others = clock::now();
	decide_on_table();
	if (m_env.peers.add(m_number, m_plan.torrent, m_plan.spec.role, m_storage))
	{
		on_joined();
	}
}

void target_job::on_joined()
{
	m_awaits_others.reset();
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
	fetch_table_first();
	apply(state() == job_state::checking            ? target_event::checked
			: m_plan.spec.role == target_role::seed ? target_event::opened_to_serve
													: target_event::opened);
}

// Goes on serving without the piece. libtorrent hashes each piece before it is served only as long as it may
// take all for right, so all are hashed now.
void target_job::withdraw(lt::piece_index_t const piece, error const& e)
{
	if (state() != job_state::seeding || m_is_leaving)
	{
		return;
	}
	if (!m_error)
	{
		m_error = e;
	}
	if (m_is_hashing)
	{
		return; // the log tells at its end
	}
	log::get(log::component::agent)
		.error("{}: piece {} is served no longer{}", e.text, static_cast<int>(piece),
			m_hashed ? "" : ", all others are hashed");
	m_env.on_change();
	leave();
	if (m_hashed)
	{
		join_swarm();
		return;
	}
	m_is_hashing = true;
	m_scope.run_blocking(
		[this] { return keep_what_is_right(*m_storage, m_checked, m_stop_reading.get_token()); },
		[this](result<void> const& r) { on_hashed(r); });
}

void target_job::on_hashed(result<void> const& r)
{
	m_is_hashing = false;
	m_hashed = true;
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
	join_swarm();
}

// Decides whether where the image's GPT stands is to be seen on the device. Then nothing else is written
// before.
void target_job::decide_on_table()
{
	// the torrent may say what the table counts in; plan.hpp has compared it then
	m_table_checked = m_plan.spec.role == target_role::seed || m_plan.hints.sector_size
		|| !sector_of_whole_disk(m_plan.spec.device) || m_plan.extents.extents().empty();
	if (!m_table_checked)
	{
		m_storage->hold_writes_behind({gpt_reach});
	}
}

void target_job::fetch_table_first()
{
	if (!m_table_checked)
	{
		auto const first = m_plan.extents.extents().front().torrent_offset
			/ static_cast<std::uint64_t>(m_plan.torrent->piece_length());
		m_env.peers.fetch_first(m_number, lt::piece_index_t(static_cast<int>(first)));
	}
}

// A table that counts in other sectors than the disk's makes all of the image useless, so that the rest need
// not be written.
void target_job::check_table_once_it_is_there()
{
	if (m_table_checked || state() != job_state::downloading || !m_storage->has_below({gpt_reach}))
	{
		return;
	}
	m_table_checked = true;
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
		[this] { return keep_what_is_right(*m_storage, m_checked, m_stop_reading.get_token()); },
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

// Runs in parallel with the download: gaps and extents do not overlap.
void target_job::start_zeroing()
{
	auto gaps = zero_gaps(m_plan);
	if (gaps.empty())
	{
		m_gaps_are_zero = true;
		return;
	}
	m_scope.run_blocking(
		[this, gaps = std::move(gaps)] {
			return fill_with_zeros(*m_storage, gaps, m_stop_reading.get_token());
		},
		[this](bool const filled) {
			if (filled)
			{
				m_gaps_are_zero = true;
				sync_when_ready();
			}
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
	log::get(log::component::swarm).info("{}: every piece is out in the room", m_plan.spec.device);
}

void target_job::on_flushed()
{
	m_flushed = true;
	sync_when_ready();
}

void target_job::sync_when_ready()
{
	// libtorrent reports a flush more than once
	bool const is_last = state() == job_state::flushing && m_flushed && m_gaps_are_zero;
	if (m_on_safe || (is_last && !std::exchange(m_last_sync, true)))
	{
		sync();
	}
}

void target_job::sync()
{
	bool const is_last = m_last_sync && !m_on_safe;
	m_scope.run_blocking(
		[this, is_last] {
			return is_last && m_plan.spec.wipe && m_plan.spec.role == target_role::image ? wipe_and_sync()
																						 : m_storage->sync();
		},
		[this, is_last](result<void> const& r) { on_synced(r, is_last); });
}

result<void> target_job::wipe_and_sync()
{
	auto wiped = wipe_old_signatures(m_storage->device(), m_plan.extents);
	if (!wiped)
	{
		m_storage->fail(wiped.error());
		return wiped.error();
	}
	m_wiped = std::move(wiped).value();
	return m_storage->sync();
}

void target_job::on_synced(result<void> const& r, bool const is_last)
{
	if (!r)
	{
		fail_with(r.error());
	}
	if (m_on_safe)
	{
		std::exchange(m_on_safe, {})();
		return;
	}
	if (!is_last || is_final(state()))
	{
		return; // a stop syncs more than once if several flushes are reported
	}
	if (!m_wiped.wiped.empty())
	{
		log::get(log::component::agent)
			.info("{}: wiped signatures of earlier uses: {}", m_plan.spec.device, m_wiped.wiped);
	}
	if (!m_wiped.unread.empty())
	{
		note(note_on_unread(m_wiped.unread));
	}
	// libtorrent's word is not enough: by our own count every piece must have passed and every block been
	// written
	if (!m_storage->complete())
	{
		fail_with(fail(fault::internal, "imaging {}: {} of {} bytes are verified and {} written",
			m_plan.spec.device, m_storage->verified(), m_storage->total(), m_storage->written()));
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
	m_scope.run_blocking(
		[this] {
			return verify_content(m_storage->device(), image_of(m_plan), m_storage->profile(), m_checked,
				m_stop_reading.get_token());
		},
		[this](result<void> const& r) { on_read_back(r); });
}

void target_job::on_read_back(result<void> const& r)
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
	finish(target_event::verified);
}

// An image of a whole disk may have brought a partition table of its own.
void target_job::finish(target_event const event)
{
	using notes = std::vector<std::string>;
	auto const look = [this]() -> result<notes> {
		BOOST_OUTCOME_TRYV(check_gpt_place(m_storage->device()));
		BOOST_OUTCOME_TRY(shown, show_partitions(m_plan.spec.device));
		if (m_plan.spec.gpt_copy != backup_gpt::keep)
		{
			return notes{shown};
		}
		BOOST_OUTCOME_TRY(copy, note_on_gpt_copy(m_plan.spec.device));
		return notes{shown, copy};
	};
	m_scope.run_blocking(look, [this, event](result<notes> const& r) {
		if (!r)
		{
			fail_with(r.error());
			return;
		}
		for (auto const& text : r.value())
		{
			note(text);
		}
		m_serving.begin(clock::now());
		apply(event);
	});
}

void target_job::on_stats(transfer_stats const& s)
{
	m_stats = s;
	m_serving.set_needy_peers(s.needy_peers);
	m_serving.update(s.uploaded, clock::now());
}

void target_job::on_tick(manifest_seed_until const& until, std::chrono::seconds const timeout)
{
	check_device(clock::now());
	check_table_once_it_is_there();
	if (state() == job_state::seeding)
	{
		auto const so_far = m_serving.so_far(m_plan.spec.role, m_storage->total(), clock::now());
		if (has_served(until, so_far))
		{
			stop_serving();
			return;
		}
		set_note(serves_until(until, so_far));
		return;
	}
	if (!is_final(state()) && m_storage)
	{
		watch_progress(timeout);
	}
}

void target_job::watch_progress(std::chrono::seconds const timeout)
{
	auto const now = clock::now();
	if (m_awaits_others)
	{
		m_stall.restart(now);
		if (now - *m_awaits_others >= shortest_wait)
		{
			set_note("waits until the other targets of its torrent are checked");
		}
		return;
	}
	bool const is_flushing = state() == job_state::flushing;
	m_stall.update((is_flushing ? m_storage->written() : m_stats.useful) + m_checked, now);
	if (state() == job_state::downloading)
	{
		look_for_company(now);
	}
	// a sync makes progress that nobody can see, and has a limit of its own
	if (timeout.count() == 0 || m_stall.stalled(now) < timeout || (is_flushing && is_syncing()))
	{
		return;
	}
	auto const why = state() == job_state::downloading && m_stats.peers == 0
		? "; no peers: " + m_env.peers.why_no_peers()
		: std::string();
	fail_with(fail(is_flushing ? fault::device : fault::network,
		"{} {}: no progress for {} seconds, {} of {} bytes {}{}",
		state() == job_state::downloading ? "downloading to" : to_string(state()), m_plan.spec.device,
		timeout.count(), is_flushing ? m_storage->written() : snapshot().done, m_storage->total(),
		is_flushing ? "written" : "done", why));
}

bool target_job::is_syncing() const
{
	auto const request = m_device->oldest();
	return request && !request->offset;
}

std::optional<std::string> target_job::pending() const
{
	auto const request = m_device != nullptr ? m_device->oldest() : std::nullopt;
	return request ? std::optional(to_string(*request, m_plan.spec.device)) : std::nullopt;
}

// Says that the device hangs, and fails the target if it does not go on.
void target_job::check_device(clock::time_point const now)
{
	if (m_device == nullptr || is_final(state()))
	{
		return;
	}
	auto const request = m_device->oldest();
	auto const verdict = m_hang.check(request, m_env.storage.device_timeout, now);
	auto const waited =
		request ? std::chrono::duration_cast<std::chrono::seconds>(now - request->since).count() : 0;
	auto& logger = log::get(log::component::storage);
	switch (verdict)
	{
	case hang_watch::verdict::fine: break;
	case hang_watch::verdict::hangs:
		logger.warn("{}: no answer for {} seconds", to_string(*request, m_plan.spec.device), waited);
		break;
	case hang_watch::verdict::answers_again: logger.info("{} answers again", m_plan.spec.device); break;
	case hang_watch::verdict::failed:
		auto const e = fail(
			fault::device, "{}: no answer for {} seconds", to_string(*request, m_plan.spec.device), waited);
		fail_with(e);
		m_storage->fail(e); // nothing more is written, should it answer
		break;
	}
}

void target_job::look_for_company(clock::time_point const now)
{
	switch (m_company.check(m_stats.peers, m_stats.useful, m_stall.stalled(now), now))
	{
	case company_watch::verdict::fine: set_note({}); break;
	case company_watch::verdict::no_peers: set_note("no peers: " + m_env.peers.why_no_peers()); break;
	case company_watch::verdict::nothing_arrives:
		set_note(fmt::format("nothing arrives from {} peer{}", m_stats.peers, m_stats.peers == 1 ? "" : "s"));
		break;
	}
}

// Goes to the log when it comes; the displays show it as long as it stays.
void target_job::set_note(std::string note)
{
	if (note == m_note)
	{
		return;
	}
	auto& logger = log::get(log::component::agent);
	bool const is_trouble = state() == job_state::downloading;
	if (m_note.empty())
	{
		logger.log(
			is_trouble ? spdlog::level::warn : spdlog::level::info, "{}: {}", m_plan.spec.device, note);
	}
	else if (note.empty() && is_trouble)
	{
		logger.info("{}: peers send again", m_plan.spec.device);
	}
	m_note = std::move(note);
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
	if (m_on_safe)
	{
		std::exchange(m_on_safe, {})();
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
	p.uploaded = m_stats.is_shown ? m_stats.uploaded : 0;
	p.wire_fetched = m_stats.is_shown ? m_stats.wire_downloaded : 0;
	p.wire_uploaded = m_stats.is_shown ? m_stats.wire_uploaded : 0;
	p.ratio = m_stats.ratio();
	if (state() == job_state::verifying)
	{
		p.done = std::min<std::int64_t>(m_checked, p.total);
	}
	if (!is_final(state()))
	{
		p.down = m_stats.is_shown ? m_stats.down : 0;
		p.up = m_stats.is_shown ? m_stats.up : 0;
		p.peers = m_stats.peers;
	}
	bool const is_quiet = m_stall.stalled(clock::now()) >= longest_quiet;
	if (is_quiet)
	{
		p.down = 0; // libtorrent does not always bring it down to 0
	}
	if (state() == job_state::downloading && m_stats.down > 0 && !is_quiet)
	{
		p.eta_s = (p.total - p.done) / m_stats.down;
	}
	p.note = m_note;
	if (m_error)
	{
		p.error = m_error->text;
	}
	p.notes = m_notes;
	p.phases = m_phases.phases(clock::now());
	return p;
}

} // namespace rawswarm
