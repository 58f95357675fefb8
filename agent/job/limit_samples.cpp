// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/limit_samples.hpp"

#include "base/processor_time.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <thread>

namespace rawswarm
{

namespace
{

// Of the pool, in blocks that are not on the device yet: web seeds wait (web_seeds.cpp).
constexpr double full = 0.75;

bool is_downloading(target_progress const& t)
{
	return t.state == job_state::downloading;
}

bool is_pool_full(disk_stats const& s)
{
	return static_cast<double>(s.pool_dirty + s.pool_writing) >= static_cast<double>(s.pool_blocks) * full;
}

std::chrono::milliseconds time_in(job_state const state, target_progress const& t)
{
	std::chrono::milliseconds sum{0};
	for (auto const& phase : t.phases)
	{
		sum += phase.state == state ? phase.elapsed : std::chrono::milliseconds(0);
	}
	return sum;
}

} // namespace

limit_samples::limit_samples(
	std::optional<std::int64_t> const card, std::int64_t const job_limit, bool const has_web_seeds)
	: m_card(card)
	, m_job_limit(job_limit)
	, m_has_web_seeds(has_web_seeds)
	, m_processors(std::max(1, static_cast<int>(std::thread::hardware_concurrency())))
{}

void limit_samples::update(std::vector<target_progress> const& targets, disk_stats const& storage,
	swarm_activity const& activity, clock::time_point const now)
{
	if (std::ranges::none_of(targets, is_downloading))
	{
		m_watch.pause();
		return;
	}
	download_sample s;
	std::set<std::string_view> torrents;
	for (auto const& t : targets)
	{
		s.wire_bytes += t.wire_fetched;
		// several targets of one torrent have the same peers
		bool const is_counted = !is_downloading(t) || !torrents.insert(t.info_hash).second;
		s.peers += is_counted ? 0 : t.peers;
	}
	s.stopped = std::chrono::milliseconds(storage.stopped_us / 1000);
	s.program = program_time() / m_processors;
	s.network_thread = activity.network_thread;
	s.is_pool_full = is_pool_full(storage);
	s.asked_peers = activity.asked_peers;
	s.useful_peers = activity.useful_peers;
	s.is_web_seeded = m_has_web_seeds;
	m_watch.update(s, now);
}

std::optional<limit_verdict> limit_samples::verdict(std::vector<target_progress> const& targets) const
{
	bool const is_written = std::ranges::all_of(targets, [](target_progress const& t) {
		return t.state >= job_state::verifying && t.state != job_state::failed;
	});
	bool const is_fetched =
		std::ranges::any_of(targets, [](target_progress const& t) { return t.fetched > 0; });
	if (!is_written || !is_fetched)
	{
		return {};
	}
	auto figures = m_watch.figures();
	figures.job_limit = m_job_limit;
	figures.card = m_card;
	for (auto const& t : targets)
	{
		figures.flushed = std::max(figures.flushed, time_in(job_state::flushing, t));
	}
	return limit_of(figures);
}

} // namespace rawswarm
