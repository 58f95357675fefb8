// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seeds.hpp"

#include "agent/log/log.hpp"
#include "base/clean_text.hpp"
#include "storage/device/extent_map.hpp"

#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace rawswarm
{

namespace
{

// How often an idle worker looks whether there is a piece for it again, and one that waits whether memory has
// room. What others do is heard of in libtorrent's thread; nothing wakes this one for it.
constexpr std::chrono::milliseconds tick_interval{50};

constexpr std::chrono::milliseconds measure_interval{500};

// Of what the last half second had; the rest is what was before.
constexpr double weight_of_now = 0.3;

std::uint64_t number_of_ones_own()
{
	std::random_device random;
	return (std::uint64_t(random()) << 32 | random()) >> 1; // the handshake has it with a sign
}

} // namespace

web_seeds::web_seeds(boost::asio::io_context& ios, manifest_swarm const& settings,
	std::shared_ptr<storage_context> storage, web_seed_claims::network_post post,
	std::function<void(std::size_t)> on_numbers)
	: m_ios(ios)
	, m_storage(std::move(storage))
	, m_post(std::move(post))
	, m_on_numbers(std::move(on_numbers))
	, m_budget(settings.download_limit, clock::now())
	, m_own(number_of_ones_own())
	, m_is_alone(!settings.lsd && settings.peers.empty() && settings.trackers.empty())
	, m_tick(ios)
{
	for (auto const& text : settings.web_seeds)
	{
		if (auto from = parse_url(text))
		{
			m_sources.emplace_back(std::move(from.value()));
		}
		else
		{
			log::get(log::component::swarm).warn("{}", from.error().text);
		}
	}
}

web_seeds::~web_seeds() = default;

plugin_factory web_seeds::add(
	std::size_t const target, std::shared_ptr<lt::torrent_info const> torrent, std::vector<bool> const& have)
{
	target_state t;
	t.name = clean_text(torrent->name());
	t.claims = std::make_shared<web_seed_claims>(have, m_own + target, m_is_alone, m_post);
	t.arrived = std::make_shared<std::atomic<std::int64_t>>(0);
	auto const map = extent_map::build(torrent->files()); // as it was when the job was planned
	for (auto const& source : m_sources)
	{
		t.layouts.emplace_back(source.from(), torrent, map ? map.value().end().bytes : 0);
	}
	t.torrent = std::move(torrent);
	auto claims = t.claims;
	m_targets[target] = std::move(t);
	return [claims = std::move(claims)](
			   lt::torrent_handle const&, lt::client_data_t) { return claims->make_plugin(); };
}

void web_seeds::start(std::size_t const target, lt::torrent_handle handle)
{
	m_targets.at(target).handle = std::move(handle);
	while (m_slots.size() < max_web_fetches)
	{
		m_slots.emplace_back().worker = std::make_unique<web_seed_worker>(m_ios, m_budget);
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

web_seeds::numbers web_seeds::of(std::size_t const target) const
{
	auto const found = m_targets.find(target);
	if (found == m_targets.end())
	{
		return {};
	}
	return {static_cast<std::int64_t>(found->second.rate),
		found->second.arrived->load(std::memory_order_relaxed)};
}

void web_seeds::peers_sent(std::int64_t const bytes)
{
	m_budget.spent(bytes, clock::now());
}

void web_seeds::tick()
{
	if (m_stopped)
	{
		return;
	}
	measure();
	for (auto& s : m_slots)
	{
		if (!s.ready.empty())
		{
			hand_over(s);
		}
	}
	feed();
	tick_after(tick_interval);
}

void web_seeds::tick_after(std::chrono::milliseconds const pause)
{
	m_tick.expires_after(pause);
	m_tick.async_wait([this](boost::system::error_code const& ec) {
		if (!ec)
		{
			tick();
		}
	});
}

void web_seeds::measure()
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
		auto const arrived = t.arrived->load(std::memory_order_relaxed);
		auto const rate = static_cast<double>(arrived - std::exchange(t.counted, arrived)) / seconds;
		t.rate += weight_of_now * (rate - t.rate);
		targets.push_back(number);
	}
	std::ranges::for_each(targets, m_on_numbers);
}

void web_seeds::feed()
{
	for (auto& s : m_slots)
	{
		if (!s.busy && !feed(s))
		{
			return;
		}
	}
}

// The targets take turns.
bool web_seeds::feed(slot& s)
{
	auto const now = clock::now();
	auto const busy = static_cast<std::size_t>(
		std::ranges::count_if(m_slots, [](auto const& other) { return other.busy; }));
	for (std::size_t round = 0; round < m_targets.size(); ++round)
	{
		auto const at = std::next(m_targets.begin(), static_cast<std::ptrdiff_t>(m_turn % m_targets.size()));
		++m_turn;
		auto& [number, t] = *at;
		if (!t.handle || t.claims->missing() == 0 || busy >= web_fetches_for(t.claims->members()))
		{
			continue;
		}
		auto const source = choose_source(number, m_own + m_turn, now);
		auto const piece = source ? t.claims->pick(now) : std::nullopt;
		if (!piece)
		{
			continue;
		}
		s.busy = true;
		s.target = number;
		s.source = *source;
		s.piece = *piece;
		lt::piece_index_t const index{static_cast<int>(*piece)};
		s.worker->fetch({m_sources[*source].from(), t.layouts[*source].ranges(index),
							static_cast<std::size_t>(t.torrent->piece_size(index)),
							t.torrent->hash_for_piece(index), t.arrived},
			[this, &s](web_outcome outcome) { on_done(s, std::move(outcome)); });
		return true;
	}
	return false;
}

// Of several all are used: each piece begins with another one.
std::optional<std::size_t> web_seeds::choose_source(
	std::size_t const target, std::size_t const start, clock::time_point const now) const
{
	for (std::size_t i = 0; i < m_sources.size(); ++i)
	{
		auto const source = (start + i) % m_sources.size();
		if (m_sources[source].may_ask(target, now))
		{
			return source;
		}
	}
	return {};
}

void web_seeds::on_done(slot& s, web_outcome outcome)
{
	auto& logger = log::get(log::component::swarm);
	auto const t = m_targets.find(s.target);
	auto& source = m_sources[s.source];
	auto const from = to_string(source.from());
	if (t == m_targets.end())
	{
		s.busy = false;
		feed();
		return;
	}
	if (!outcome.failure && source.answered())
	{
		logger.info("web seed {}: it answers again", from);
	}
	if (outcome.failure && !outcome.failure->lasting)
	{
		auto const first = source.failed(clock::now());
		logger.log(first ? spdlog::level::warn : spdlog::level::debug, "web seed {}: {}; it is asked again",
			from, outcome.failure->text);
	}
	else if (outcome.failure)
	{
		lose(s, outcome.failure->text);
	}
	else if (outcome.is_wrong)
	{
		lose(s, fmt::format("piece {} is not what the torrent says", s.piece));
	}
	else
	{
		s.ready = std::move(outcome.piece);
		hand_over(s);
		feed();
		return;
	}
	t->second.claims->drop(s.piece);
	s.busy = false;
	feed();
}

void web_seeds::lose(slot const& s, std::string const& why)
{
	if (m_sources[s.source].is_lost(s.target))
	{
		return;
	}
	auto& logger = log::get(log::component::swarm);
	auto const& name = m_targets.at(s.target).name;
	m_sources[s.source].lose(s.target);
	logger.warn(
		"web seed {}: {}; it is not used for {} any more", to_string(m_sources[s.source].from()), why, name);
	if (std::ranges::all_of(m_sources, [&](auto const& source) { return source.is_lost(s.target); }))
	{
		logger.warn("{}: no web seed is left, what is missing must come from peers", name);
	}
}

void web_seeds::hand_over(slot& s)
{
	auto const t = m_targets.find(s.target);
	if (t != m_targets.end())
	{
		if (!has_room(s.ready.size()))
		{
			return; // tick() tries again
		}
		t->second.claims->handed_over(s.piece, clock::now()); // first: it may pass at once
		t->second.handle->add_piece(lt::piece_index_t{static_cast<int>(s.piece)}, std::move(s.ready));
	}
	s.ready.clear();
	s.busy = false;
}

// As peers are stopped when memory runs short. A piece that is larger than memory comes when it is empty.
bool web_seeds::has_room(std::size_t const bytes) const
{
	auto const& stats = m_storage->stats();
	auto const unwritten = stats.pool_dirty + stats.pool_writing;
	auto const blocks = static_cast<std::int64_t>((bytes + block_size - 1) / block_size);
	return unwritten == 0 || unwritten + blocks <= stats.pool_blocks * 3 / 4;
}

} // namespace rawswarm
