// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/shared_torrents.hpp"

#include <algorithm>

namespace rawswarm
{

void shared_torrents::expect(std::size_t const target, std::string const& info_hash)
{
	m_groups[info_hash].expected.insert(target);
	m_targets[target] = info_hash;
}

std::vector<std::size_t> shared_torrents::ready(std::size_t const target, std::string const& info_hash)
{
	auto& g = m_groups[info_hash];
	m_targets[target] = info_hash;
	g.expected.erase(target);
	g.ready.insert(target);
	return join_if_ready(g);
}

std::vector<std::size_t> shared_torrents::join_if_ready(group& g)
{
	if (g.number || !g.expected.empty() || g.ready.empty())
	{
		return {};
	}
	g.number = *g.ready.begin();
	return {g.ready.begin(), g.ready.end()};
}

shared_torrents::departure shared_torrents::leave(std::size_t const target)
{
	auto const known = m_targets.find(target);
	if (known == m_targets.end())
	{
		return {};
	}
	auto const it = m_groups.find(known->second);
	m_targets.erase(known);
	auto& g = it->second;
	g.expected.erase(target);
	g.ready.erase(target);
	if (g.ready.empty() && g.expected.empty())
	{
		departure d;
		d.abandoned = g.number;
		m_groups.erase(it);
		return d;
	}
	departure d;
	d.others_stay = g.number.has_value();
	d.can_join = join_if_ready(g);
	return d;
}

std::optional<std::size_t> shared_torrents::torrent_of(std::size_t const target) const
{
	auto const known = m_targets.find(target);
	return known == m_targets.end() ? std::nullopt : m_groups.at(known->second).number;
}

std::vector<std::size_t> shared_torrents::targets_of(std::size_t const torrent) const
{
	auto const it =
		std::ranges::find_if(m_groups, [torrent](auto const& g) { return g.second.number == torrent; });
	return it == m_groups.end() ? std::vector<std::size_t>()
								: std::vector<std::size_t>(it->second.ready.begin(), it->second.ready.end());
}

} // namespace rawswarm
