// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seeds.hpp"

#include "agent/bittorrent/libtorrent_internals.hpp"
#include "agent/bittorrent/piece_number.hpp"
#include "agent/log/log.hpp"
#include "agent/net/uri_reference.hpp"
#include "agent/web_seed/web_seed_choice.hpp"
#include "agent/web_seed/web_seed_plugin.hpp"
#include "base/clean_text.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/units.hpp"

#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace rawswarm
{

namespace
{

// How often an idle worker looks for a piece again, and one that waits for memory looks whether there is
// space. Both depend on what happens in libtorrent's thread, and nothing there wakes this one.
constexpr std::chrono::milliseconds tick_interval{50};

constexpr std::chrono::milliseconds measure_interval{500};

// What the pieces that are fetched at once may take, as a part of the storage's budget: more than one piece
// only if that is enough for them.
constexpr std::size_t share_of_budget = 4;

// What the frames of a piece may take beside it, and those of the pieces that were handed over, as a part of
// the budget. Of a larger piece the first ones are kept: frames in memory have a quarter of the budget.
constexpr std::size_t part_for_frames = 16;

// What is asked of a file first, as long as it is not known to be raw: a block. If it is compressed, this
// much came in vain.
constexpr std::uint64_t first_bytes = block_size;

// The weight of the last half second in a rate; what was measured before has the rest.
constexpr double weight_of_now = 0.3;

// A number that no other agent has: 63 random bits.
std::uint64_t random_agent_id()
{
	std::random_device random;
	return (std::uint64_t(random()) << 32 | random()) >> 1; // the handshake carries it as a signed integer
}

} // namespace

web_seeds::web_seeds(boost::asio::io_context& ios, manifest_swarm const& settings,
	std::shared_ptr<storage_context> storage, web_seed_claims::network_post post,
	std::function<void(std::size_t)> on_stats)
	: m_ios(ios)
	, m_storage(std::move(storage))
	, m_post(std::move(post))
	, m_on_stats(std::move(on_stats))
	, m_download_limit(settings.download_limit, clock::now())
	, m_agent_id(random_agent_id())
	, m_is_alone(!settings.lsd && settings.peers.empty() && settings.trackers.empty())
	, m_sources(settings.web_seeds.begin(), settings.web_seeds.end())
	, m_tick(ios)
{}

web_seeds::~web_seeds() = default;

plugin_factory web_seeds::add(std::size_t const target, std::shared_ptr<lt::torrent_info const> torrent,
	std::vector<bool> const& have, std::vector<std::uint32_t> const& frame_lengths)
{
	target_state t;
	t.name = clean_text(torrent->name());
	t.claims = std::make_shared<web_seed_claims>(have, m_agent_id + target, m_is_alone, m_post);
	t.traffic = std::make_shared<web_traffic>();
	auto const map = extent_map::build(torrent->files()); // succeeds, as it did when the job was planned
	for (auto const& source : m_sources)
	{
		web_seed_layout layout(source.from(), torrent, map ? map.value().end().bytes : 0);
		auto const is_folder = layout.is_folder();
		t.files.push_back({std::move(layout), is_folder});
	}
	if (!frame_lengths.empty())
	{
		t.lengths = std::make_shared<rawswarm::frame_lengths const>(frame_lengths);
	}
	t.torrent = std::move(torrent);
	auto claims = t.claims;
	m_targets[target] = std::move(t);
	return [claims = std::move(claims)](
			   lt::torrent_handle const&, lt::client_data_t) { return make_web_seed_plugin(claims); };
}

void web_seeds::start(std::size_t const target, lt::torrent_handle handle)
{
	m_targets.at(target).handle = std::move(handle);
	while (m_slots.size() < max_web_fetches)
	{
		m_slots.emplace_back().worker = std::make_unique<web_seed_worker>(m_ios, m_download_limit);
	}
	tick_after(std::chrono::milliseconds(0));
}

void web_seeds::remove(std::size_t const target)
{
	m_targets.erase(target);
}

void web_seeds::stop()
{
	m_stopped = true;
	m_tick.cancel();
	m_slots.clear();
}

web_seeds::fetch_stats web_seeds::stats(std::size_t const target) const
{
	auto const found = m_targets.find(target);
	if (found == m_targets.end())
	{
		return {};
	}
	auto const& t = found->second;
	return {static_cast<std::int64_t>(t.rate), t.traffic->image.load(std::memory_order_relaxed),
		t.traffic->wire.load(std::memory_order_relaxed)};
}

void web_seeds::peers_sent(std::int64_t const bytes)
{
	m_download_limit.take(bytes, clock::now());
}

void web_seeds::tick()
{
	if (m_stopped)
	{
		return;
	}
	measure_rates();
	for (auto& s : m_slots)
	{
		if (!s.ready.empty())
		{
			hand_over(s);
		}
	}
	assign_work();
	tick_after(tick_interval);
}

void web_seeds::tick_after(std::chrono::milliseconds const pause)
{
	m_tick.expires_after(pause);
	// Guarded, as cancelling does not reach a wait that is over and whose handler is queued.
	m_tick.async_wait(m_lifetime.guard([this](boost::system::error_code const& ec) {
		if (!ec)
		{
			tick();
		}
	}));
}

void web_seeds::measure_rates()
{
	auto const now = clock::now();
	if (now - m_measured < measure_interval)
	{
		return;
	}
	auto const seconds = std::chrono::duration<double>(now - std::exchange(m_measured, now)).count();
	std::vector<std::size_t> targets;
	for (auto& [number, t] : m_targets)
	{
		auto const arrived = t.traffic->image.load(std::memory_order_relaxed);
		auto const rate = static_cast<double>(arrived - std::exchange(t.counted, arrived)) / seconds;
		t.rate += weight_of_now * (rate - t.rate);
		targets.push_back(number);
	}
	std::ranges::for_each(targets, m_on_stats);
}

void web_seeds::assign_work()
{
	for (auto& s : m_slots)
	{
		if (!s.busy && !assign_work(s))
		{
			return;
		}
	}
}

// The targets take turns.
bool web_seeds::assign_work(slot& s)
{
	auto const now = clock::now();
	auto const busy = static_cast<std::size_t>(
		std::ranges::count_if(m_slots, [](auto const& other) { return other.busy; }));
	for (std::size_t round = 0; round < m_targets.size(); ++round)
	{
		auto const at = std::next(m_targets.begin(), static_cast<std::ptrdiff_t>(m_turn % m_targets.size()));
		++m_turn;
		auto const number = at->first;
		auto& t = at->second;
		auto const fetches = std::min(web_fetches_for(t.claims->members()), fetches_in_memory(t));
		if (!t.handle || t.claims->missing() == 0 || busy >= fetches)
		{
			continue;
		}
		auto const source = choose_source(m_sources, number, m_agent_id + m_turn, now,
			[&](std::size_t const each) { return is_being_examined(number, each); });
		auto const piece = source ? t.claims->pick(now) : std::nullopt;
		if (!piece)
		{
			continue;
		}
		s.busy = true;
		s.target = number;
		s.source = *source;
		s.piece = *piece;
		auto order = make_order(t, *source, *piece);
		order.pace = pace_of_others(m_sources, number, *source, now);
		s.worker->fetch(
			std::move(order), [this, &s](web_outcome outcome) { on_done(s, std::move(outcome)); });
		return true;
	}
	return false;
}

web_order web_seeds::make_order(
	target_state const& t, std::size_t const source, std::size_t const piece) const
{
	auto const& file = t.files[source];
	auto const index = piece_index(piece);
	web_order order;
	order.from = m_sources[source].from();
	order.place = {piece * static_cast<std::uint64_t>(t.torrent->piece_length()),
		static_cast<std::uint64_t>(t.torrent->piece_size(index))};
	order.payload = static_cast<std::uint64_t>(t.torrent->total_size());
	order.hash = t.torrent->hash_for_piece(index);
	order.piece = piece;
	order.frames = file.frames;
	order.lengths = t.lengths;
	order.may_be_compressed = !file.is_known;
	order.most_frames = room_for_frames();
	order.traffic = t.traffic;
	if (!file.frames)
	{
		order.ranges = file.layout.ranges(index);
	}
	if (!file.is_known)
	{
		shorten_first(order.ranges, first_bytes);
	}
	return order;
}

std::size_t web_seeds::room_for_frames() const
{
	return m_storage->settings().memory / part_for_frames;
}

// A piece must be whole before its hash is known, and is kept beside the pool until then.
std::size_t web_seeds::fetches_in_memory(target_state const& t) const
{
	auto const piece = static_cast<std::size_t>(t.torrent->piece_length());
	return std::max<std::size_t>(1, m_storage->settings().memory / share_of_budget / piece);
}

// One fetch finds out what a web seed has, so that a table comes once.
bool web_seeds::is_being_examined(std::size_t const target, std::size_t const source) const
{
	return !m_targets.at(target).files[source].is_known && std::ranges::any_of(m_slots, [&](auto const& s) {
		return s.busy && s.target == target && s.source == source;
	});
}

void web_seeds::on_done(slot& s, web_outcome outcome)
{
	auto& logger = log::get(log::component::swarm);
	auto const t = m_targets.find(s.target);
	auto& source = m_sources[s.source];
	auto const from = printable_uri(source.from());
	if (t == m_targets.end())
	{
		s.busy = false;
		assign_work();
		return;
	}
	if (!outcome.failure)
	{
		source.keeps_pace(outcome.pace);
	}
	if (!outcome.failure && source.answered())
	{
		logger.info("web seed {}: it answers again", from);
	}
	learn(s, outcome);
	if (outcome.failure && outcome.failure->is_slow)
	{
		auto const is_new = source.is_too_slow(clock::now());
		logger.log(is_new ? spdlog::level::warn : spdlog::level::debug,
			"web seed {}: {}; faster ones come first", from, outcome.failure->text);
	}
	else if (outcome.failure && !outcome.failure->lasting)
	{
		auto const first = source.failed(clock::now());
		logger.log(first ? spdlog::level::warn : spdlog::level::debug, "web seed {}: {}; it is asked again",
			from, outcome.failure->text);
	}
	else if (outcome.failure)
	{
		exclude_source(s, outcome.failure->text);
	}
	else if (outcome.is_wrong)
	{
		exclude_source(s, fmt::format("piece {} is not what the torrent says", s.piece));
	}
	else
	{
		s.ready = std::move(outcome.piece);
		s.frames = std::move(outcome.beside);
		hand_over(s);
		assign_work();
		return;
	}
	t->second.claims->drop(s.piece);
	s.busy = false;
	assign_work();
}

void web_seeds::learn(slot const& s, web_outcome const& outcome)
{
	auto& t = m_targets.at(s.target);
	auto& file = t.files[s.source];
	if (outcome.frames && !file.frames)
	{
		log::get(log::component::swarm)
			.info("web seed {}: a compressed image, {:.2f} times smaller",
				printable_uri(m_sources[s.source].from()),
				static_cast<double>(t.torrent->total_size())
					/ static_cast<double>(outcome.frames.compressed()));
	}
	file.frames = outcome.frames ? outcome.frames : file.frames;
	file.is_known = file.is_known || outcome.frames || !outcome.piece.empty();
}

void web_seeds::exclude_source(slot const& s, std::string const& why)
{
	if (m_sources[s.source].is_excluded(s.target))
	{
		return;
	}
	auto& logger = log::get(log::component::swarm);
	auto const& name = m_targets.at(s.target).name;
	m_sources[s.source].exclude(s.target);
	logger.warn("web seed {}: {}; it is not used for {} any more", printable_uri(m_sources[s.source].from()),
		why, name);
	if (std::ranges::all_of(m_sources, [&](auto const& source) { return source.is_excluded(s.target); }))
	{
		logger.warn("{}: no web seed is left, what is missing must come from peers", name);
	}
}

void web_seeds::hand_over(slot& s)
{
	auto const t = m_targets.find(s.target);
	if (t != m_targets.end())
	{
		if (!has_space(s.ready.size()))
		{
			return; // the next tick tries again
		}
		t->second.claims->handed_over(
			s.piece, s.ready.size(), clock::now()); // before add_piece(): it may pass at once
		m_storage->beside().offer(t->second.torrent->info_hashes().v1, piece_index(s.piece),
			std::move(s.frames), room_for_frames());
		add_piece(*t->second.handle, piece_index(s.piece), std::exchange(s.ready, {}));
	}
	s.ready.clear();
	s.frames = {};
	s.busy = false;
}

// The storage stops peers when too many blocks wait to be written; web seeds stop here, at three quarters of
// the pool. A piece that is larger than that is taken when nothing waits.
bool web_seeds::has_space(std::size_t const bytes) const
{
	auto const& stats = m_storage->stats();
	auto const unwritten = stats.pool_dirty + stats.pool_writing;
	auto const blocks = blocks_in(static_cast<int>(bytes));
	return unwritten == 0 || unwritten + blocks <= stats.pool_blocks * 3 / 4;
}

} // namespace rawswarm
