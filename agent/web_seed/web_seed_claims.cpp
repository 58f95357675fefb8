// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_claims.hpp"

#include "agent/web_seed/claim_message.hpp"

#include <utility>

namespace rawswarm
{

web_seed_claims::web_seed_claims(
	std::vector<bool> have, std::uint64_t const agent_id, bool const is_alone, network_post post)
	: m_post(std::move(post))
	, m_agent_id(agent_id)
	, m_is_alone(is_alone)
	, m_known(std::move(have))
	, m_picker(m_known.size(), agent_id)
{}

std::optional<std::size_t> web_seed_claims::pick(clock::time_point const now)
{
	// Composed under the lock and sent after it, as no callback is called under the lock.
	std::vector<char> body;
	std::optional<std::size_t> piece;
	{
		mutex_lock const l(m_mutex);
		if (!m_ready || waits_for_members(now))
		{
			return {};
		}
		if (now - m_weighed >= std::chrono::seconds(1))
		{
			m_known.weigh(now);
			m_weighed = now;
		}
		for (auto const overdue : take_overdue(now))
		{
			append_claim(body, {web_claim::kind::dropped, overdue});
		}
		auto const is_mine = [mine = &m_mine](std::size_t const p) { return mine->contains(p); };
		piece = m_picker.next(m_known, is_mine, now, m_last_progress);
		if (piece)
		{
			m_mine[*piece] = {now, {}};
			++m_picked;
			append_claim(body, {web_claim::kind::fetching, *piece});
		}
	}
	post_to_members(std::move(body));
	return piece;
}

bool web_seed_claims::waits_for_members(clock::time_point const now) const
{
	// m_picked counts picks that failed, too.
	return !m_is_alone && m_known.members() == 0 && m_picked >= pieces_before_meeting
		&& now - *m_ready < meeting_time;
}

std::vector<std::size_t> web_seed_claims::take_overdue(clock::time_point const now)
{
	std::vector<std::size_t> overdue;
	for (auto const& [piece, f] : m_mine)
	{
		if (f.handed_over && now - *f.handed_over >= handed_over_limit)
		{
			overdue.push_back(piece);
		}
	}
	for (auto const piece : overdue)
	{
		m_mine.erase(piece);
	}
	return overdue;
}

void web_seed_claims::drop(std::size_t const piece)
{
	{
		mutex_lock const l(m_mutex);
		if (m_mine.erase(piece) == 0)
		{
			return; // it came from peers in the meantime, and HAVE has ended the claim
		}
	}
	std::vector<char> body;
	append_claim(body, {web_claim::kind::dropped, piece});
	post_to_members(std::move(body));
}

void web_seed_claims::handed_over(
	std::size_t const piece, std::size_t const bytes, clock::time_point const now)
{
	mutex_lock const l(m_mutex);
	m_known.delivered_by_web_seed(static_cast<std::int64_t>(bytes));
	// Not found: it came from peers in the meantime.
	if (auto const found = m_mine.find(piece); found != m_mine.end())
	{
		found->second.handed_over = now;
	}
}

std::size_t web_seed_claims::missing() const
{
	mutex_lock const l(m_mutex);
	return m_known.missing();
}

std::size_t web_seed_claims::members() const
{
	mutex_lock const l(m_mutex);
	return m_known.members();
}

void web_seed_claims::post_to_members(std::vector<char> body)
{
	if (!body.empty())
	{
		m_post([self = shared_from_this(), body = std::move(body)] { self->send_to_members(body); });
	}
}

void web_seed_claims::send_to_members(std::span<char const> const body)
{
	// A copy: a connection that cannot be written to ends, and its listener leaves the set.
	auto const listeners = m_listeners;
	for (auto* const listener : listeners)
	{
		if (m_listeners.contains(listener))
		{
			listener->send(body);
		}
	}
}

void web_seed_claims::ready()
{
	auto const now = clock::now();
	mutex_lock const l(m_mutex);
	m_ready = m_ready.value_or(now); // the first call counts
}

void web_seed_claims::piece_passed(std::size_t const piece)
{
	auto const now = clock::now();
	mutex_lock const l(m_mutex);
	m_known.got(piece);
	m_last_progress = now; // from whomever it came
	if (auto const found = m_mine.find(piece); found != m_mine.end())
	{
		m_picker.took(now - found->second.picked); // also the time that it waited for space in memory
		m_mine.erase(found);
	}
}

void web_seed_claims::piece_failed(std::size_t const piece)
{
	{
		mutex_lock const l(m_mutex);
		auto const found = m_mine.find(piece);
		if (found == m_mine.end() || !found->second.handed_over)
		{
			return; // peers sent it, wrong; the web seed's copy is still on its way
		}
		m_mine.erase(found);
	}
	// Sent without a post, as this is libtorrent's thread.
	std::vector<char> body;
	append_claim(body, {web_claim::kind::dropped, piece});
	send_to_members(body);
}

web_seed_claims::peer web_seed_claims::joined()
{
	mutex_lock const l(m_mutex);
	m_known.joined(++m_last_peer);
	return m_last_peer;
}

void web_seed_claims::left(peer const p, web_claims_listener& listener)
{
	m_listeners.erase(&listener);
	mutex_lock const l(m_mutex);
	m_known.left(p);
}

void web_seed_claims::is_member(peer const p, std::uint64_t const agent_id, web_claims_listener& listener)
{
	std::vector<char> body;
	{
		mutex_lock const l(m_mutex);
		m_known.is_member(p, agent_id);
		for (auto const& [piece, f] : m_mine)
		{
			append_claim(body, {web_claim::kind::fetching, piece});
		}
	}
	// No claim is missed: what the agent picks from here on is posted to this thread, and so is sent after
	// this.
	m_listeners.insert(&listener);
	if (!body.empty())
	{
		listener.send(body);
	}
}

void web_seed_claims::peer_has(peer const p, std::vector<bool> pieces)
{
	mutex_lock const l(m_mutex);
	m_known.peer_has(p, std::move(pieces));
}

void web_seed_claims::peer_has_all(peer const p)
{
	mutex_lock const l(m_mutex);
	m_known.peer_has(p, std::vector<bool>(m_known.size(), true));
}

void web_seed_claims::peer_got(peer const p, std::size_t const piece)
{
	mutex_lock const l(m_mutex);
	if (piece < m_known.size())
	{
		m_known.peer_got(p, piece);
	}
}

void web_seed_claims::peer_lost(peer const p, std::size_t const piece)
{
	mutex_lock const l(m_mutex);
	if (piece < m_known.size())
	{
		m_known.peer_lost(p, piece);
	}
}

void web_seed_claims::delivered(peer const p, std::int64_t const bytes)
{
	mutex_lock const l(m_mutex);
	m_known.delivered(p, bytes);
}

void web_seed_claims::heard(peer const p, std::span<char const> const body)
{
	auto const now = clock::now();
	auto const claims = read_claims(body); // before the lock, as it allocates
	mutex_lock const l(m_mutex);
	for (auto const& claim : claims)
	{
		if (claim.piece >= m_known.size())
		{
			continue;
		}
		if (claim.what == web_claim::kind::fetching)
		{
			m_known.claimed(p, claim.piece, now);
		}
		else
		{
			m_known.dropped(p, claim.piece);
		}
	}
}

} // namespace rawswarm
