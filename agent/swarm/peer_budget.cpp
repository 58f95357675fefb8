// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/peer_budget.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <tuple>
#include <utility>

namespace rawswarm
{

namespace
{

namespace ip = boost::asio::ip;

constexpr std::size_t shares = 4; // of the connections; an address has one
constexpr std::size_t full_tenths = 9; // from there on the largest give way

// The connections of each address, the least useful last.
std::map<ip::address, std::vector<std::size_t>> by_address(
	std::span<connection_facts const> const all, std::vector<bool> const& is_out)
{
	std::map<ip::address, std::vector<std::size_t>> addresses;
	for (std::size_t i = 0; i < all.size(); ++i)
	{
		if (!is_out[i])
		{
			addresses[all[i].remote].push_back(i);
		}
	}
	auto const use = [&](std::size_t const i) {
		auto const& c = all[i];
		return std::tuple(c.has_met, c.blocks_in + c.blocks_out > 0);
	};
	for (auto& [remote, connections] : addresses)
	{
		// stable: of equals, the caller's order, the oldest first
		std::ranges::stable_sort(connections, std::greater<>{}, use);
	}
	return addresses;
}

std::vector<ip::address> keys_of(std::map<ip::address, peer_budget::clock::time_point> const& times)
{
	std::vector<ip::address> all;
	all.reserve(times.size());
	for (auto const& [remote, time] : times)
	{
		all.push_back(remote);
	}
	return all;
}

} // namespace

std::size_t peer_budget::share(budget_limits const& limits)
{
	return std::max(limits.connections / shares, modest);
}

std::vector<ip::address> peer_budget::crowded() const
{
	return keys_of(m_crowded);
}

std::vector<ip::address> peer_budget::suspects() const
{
	return keys_of(m_suspects);
}

bool peer_budget::is_slow(connection_facts const& c) const
{
	return c.blocks_in == 0 && c.blocks_out == 0 && m_suspects.contains(c.remote);
}

peer_budget::verdict peer_budget::judge(
	std::span<connection_facts const> const all, budget_limits const& limits, clock::time_point const now)
{
	verdict v;
	std::vector<bool> is_out(all.size(), false);
	auto const seconds =
		m_last == clock::time_point() ? 0 : std::chrono::duration<double>(now - m_last).count();
	m_last = now;
	v.suspects_have_changed =
		std::erase_if(m_suspects, [now](auto const& s) { return now - s.second > suspect_time; }) > 0;
	judge_talk(all, seconds, is_out, v);
	suspect(all, now, v);
	judge_slow(all, is_out, v);
	judge_unsent(all, limits, is_out, v);
	judge_shares(all, limits, now, is_out, v);
	return v;
}

// Bytes that came since the last call and carried nothing that was wanted.
std::int64_t peer_budget::talk_since(connection_facts const& c, said_so_far& t)
{
	if (c.other_in < t.other_in || c.blocks_in < t.blocks_in || c.blocks_out < t.blocks_out)
	{
		t = {}; // another connection
	}
	auto const other = c.other_in - std::exchange(t.other_in, c.other_in);
	auto const blocks = c.blocks_in - std::exchange(t.blocks_in, c.blocks_in);
	auto const fetched = c.blocks_out - std::exchange(t.blocks_out, c.blocks_out);
	// Frames are no blocks on the wire, and shorter than the blocks that they are.
	auto const talk =
		c.is_whole ? other + blocks / unasked_per_talk : std::max<std::int64_t>(0, other - blocks);
	return std::max<std::int64_t>(0, talk - fetched / fetched_per_talk);
}

std::int64_t peer_budget::at_once(connection_facts const& c) const
{
	if (c.blocks_in > 0)
	{
		return most_talk_at_once;
	}
	auto const least = m_suspects.contains(c.remote) ? talk_of_suspect : talk_at_once;
	return std::min(most_talk_at_once, least + c.pieces * talk_of_piece);
}

void peer_budget::judge_talk(
	std::span<connection_facts const> const all, double const seconds, std::vector<bool>& is_out, verdict& v)
{
	std::map<std::uint64_t, said_so_far> said;
	std::map<address, double> owed;
	std::vector<std::pair<std::int64_t, std::size_t>> loudest;
	for (std::size_t i = 0; i < all.size(); ++i)
	{
		auto const& c = all[i];
		auto t = m_said[c.id];
		auto const talk = talk_since(c, t);
		auto const forgiven = is_slow(c) ? slow_talk_per_second : talk_per_second;
		t.owed = std::max(0.0, t.owed - seconds * static_cast<double>(forgiven)) + static_cast<double>(talk);
		said[c.id] = t;
		owed[c.remote] += static_cast<double>(talk);
		loudest.emplace_back(talk, i);
		if (t.owed > static_cast<double>(at_once(c)))
		{
			is_out[i] = true;
			v.talkers.push_back(i);
		}
	}
	m_said = std::move(said);
	for (auto& [remote, n] : owed)
	{
		auto const before = m_owed.find(remote);
		auto const left = before == m_owed.end()
			? 0.0
			: std::max(0.0, before->second - seconds * talk_per_second * talkers_of_address);
		n += left;
	}
	m_owed = std::move(owed);
	std::ranges::sort(loudest, std::greater<>{});
	for (auto const& [talk, i] : loudest)
	{
		auto& n = m_owed[all[i].remote];
		if (n <= most_talk_at_once * talkers_of_address || is_out[i] || talk == 0)
		{
			continue;
		}
		n -= static_cast<double>(talk);
		is_out[i] = true;
		v.talkers.push_back(i);
	}
}

void peer_budget::suspect(
	std::span<connection_facts const> const all, clock::time_point const now, verdict& v)
{
	for (auto const i : v.talkers)
	{
		v.suspects_have_changed |= m_suspects.insert_or_assign(all[i].remote, now).second;
		if (m_suspects.size() > most_suspects)
		{
			m_suspects.erase(
				std::ranges::min_element(m_suspects, {}, [](auto const& s) { return s.second; }));
		}
	}
}

void peer_budget::judge_slow(
	std::span<connection_facts const> const all, std::vector<bool>& is_out, verdict& v) const
{
	std::map<address, std::size_t> slow;
	for (auto i = all.size(); i-- > 0;) // the newest first
	{
		if (!is_out[i] && is_slow(all[i]) && ++slow[all[i].remote] > most_slow)
		{
			is_out[i] = true;
			v.surplus.push_back(i);
		}
	}
}

void peer_budget::judge_unsent(std::span<connection_facts const> const all, budget_limits const& limits,
	std::vector<bool>& is_out, verdict& v) const
{
	std::int64_t sum = 0;
	std::vector<std::pair<std::int64_t, std::size_t>> fullest;
	for (std::size_t i = 0; i < all.size(); ++i)
	{
		if (!is_out[i])
		{
			sum += all[i].unsent;
			fullest.emplace_back(all[i].unsent, i);
		}
	}
	std::ranges::sort(fullest, std::greater<>{});
	for (auto const& [unsent, i] : fullest)
	{
		if (sum > limits.unsent || unsent > all[i].most_unsent)
		{
			sum -= unsent;
			is_out[i] = true;
			v.surplus.push_back(i);
		}
	}
}

void peer_budget::judge_shares(std::span<connection_facts const> const all, budget_limits const& limits,
	clock::time_point const now, std::vector<bool>& is_out, verdict& v)
{
	v.crowd_has_changed = std::erase_if(m_crowded, [now](auto const& c) { return c.second <= now; }) > 0;
	auto addresses = by_address(all, is_out);
	auto total = static_cast<std::size_t>(std::ranges::count(is_out, false));
	auto const drop = [&](address const& remote, std::vector<std::size_t>& connections) {
		is_out[connections.back()] = true;
		v.surplus.push_back(connections.back());
		connections.pop_back();
		--total;
		v.crowd_has_changed |= m_crowded.insert_or_assign(remote, now + crowded_time).second;
	};
	for (auto& [remote, connections] : addresses)
	{
		while (connections.size() > share(limits))
		{
			drop(remote, connections);
		}
	}
	auto const size = [](auto const& n) { return n.second.size(); };
	while (!addresses.empty() && total > limits.connections * full_tenths / 10)
	{
		auto const largest = std::ranges::max_element(addresses, {}, size);
		if (largest->second.size() <= modest)
		{
			return;
		}
		drop(largest->first, largest->second);
	}
}

} // namespace rawswarm
