// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/job_peers.hpp"

#include "base/result.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

// A server that restarts, or a machine that joins before it, is no fault yet.
constexpr std::chrono::seconds patience = 10s;

// While a peer is wanted an attempt fails at least this often: it is dialled every second, and a host that
// says nothing is given up after three. Later nobody wants it any more.
constexpr std::chrono::seconds max_silence = 8s;

} // namespace

void job_peers::found(std::string const& name, address const& a, clock::time_point const now)
{
	auto it = std::ranges::find(m_peers, name, &peer::name);
	if (it == m_peers.end())
	{
		m_peers.emplace_back();
		it = m_peers.end() - 1;
		it->name = name;
		it->missing_since = now;
	}
	m_addresses[a].peer = static_cast<std::size_t>(it - m_peers.begin());
}

std::optional<std::string> job_peers::opened(address const& a)
{
	auto const it = m_addresses.find(a);
	if (it == m_addresses.end())
	{
		return {};
	}
	++it->second.open;
	auto& p = m_peers[it->second.peer];
	++p.open;
	p.missing_since.reset();
	p.last_failure.reset();
	if (!std::exchange(p.is_reported, false))
	{
		return {};
	}
	return fmt::format("peer {} is back", p.name);
}

void job_peers::closed(address const& a)
{
	auto const it = m_addresses.find(a);
	if (it != m_addresses.end() && it->second.open > 0)
	{
		--it->second.open;
		--m_peers[it->second.peer].open;
	}
}

void job_peers::failed(address const& a, std::string const& reason, clock::time_point const now)
{
	auto const it = m_addresses.find(a);
	if (it == m_addresses.end())
	{
		return;
	}
	auto& p = m_peers[it->second.peer];
	if (p.open > 0)
	{
		return;
	}
	p.missing_since = p.missing_since.value_or(now);
	p.last_failure = now;
	p.reason = reason;
}

std::vector<std::string> job_peers::unreachable(clock::time_point const now)
{
	std::vector<std::string> lines;
	for (auto& p : m_peers)
	{
		if (!p.is_reported && is_failing(p, now) && now - *p.missing_since >= patience)
		{
			p.is_reported = true;
			lines.push_back(fmt::format(
				"peer {} cannot be reached for {} seconds: {}; it is dialled until it answers", p.name,
				std::chrono::duration_cast<std::chrono::seconds>(now - *p.missing_since).count(), p.reason));
		}
	}
	return lines;
}

bool job_peers::is_open_elsewhere(std::string const& name, address const& a) const
{
	auto const p = std::ranges::find(m_peers, name, &peer::name);
	auto const here = m_addresses.find(a);
	return p != m_peers.end() && p->open > 0 && (here == m_addresses.end() || here->second.open == 0);
}

std::string job_peers::reasons(clock::time_point const now) const
{
	std::string text;
	for (auto const& p : m_peers)
	{
		if (is_failing(p, now))
		{
			text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", p.name, p.reason);
		}
	}
	return text;
}

bool job_peers::is_failing(peer const& p, clock::time_point const now)
{
	return p.open == 0 && p.missing_since && p.last_failure && now - *p.last_failure <= max_silence;
}

} // namespace rawswarm
