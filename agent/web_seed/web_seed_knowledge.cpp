// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_knowledge.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace rawswarm
{

web_seed_knowledge::web_seed_knowledge(std::vector<bool> have)
	: m_have(std::move(have))
	, m_offers(m_have.size())
	, m_missing(static_cast<std::size_t>(std::ranges::count(m_have, false)))
{}

void web_seed_knowledge::got(std::size_t const piece)
{
	if (m_have[piece])
	{
		return;
	}
	for (auto& [p, s] : m_peers)
	{
		s.useful -= s.pieces[piece] ? 1U : 0U;
	}
	m_have[piece] = true;
	--m_missing;
	m_first_claimed.erase(piece);
}

void web_seed_knowledge::joined(peer const p)
{
	m_peers[p].pieces.resize(size());
}

void web_seed_knowledge::left(peer const p)
{
	auto const found = m_peers.find(p);
	if (found == m_peers.end())
	{
		return;
	}
	// a copy, as dropped() changes the claims
	for (auto const piece : std::vector<std::size_t>(found->second.claims))
	{
		dropped(p, piece);
	}
	add_offers(found->second, -1);
	// who comes and goes is not believed longer than who stays
	if (found->second.weighed && !found->second.has_delivered && !found->second.is_doubted)
	{
		m_found_out = m_now;
	}
	if (auto const id = found->second.agent_id)
	{
		m_agent_ids.erase(m_agent_ids.find(*id));
	}
	m_peers.erase(found);
}

void web_seed_knowledge::is_member(peer const p, std::uint64_t const agent_id)
{
	auto& s = m_peers.at(p);
	if (s.agent_id)
	{
		return;
	}
	// Taken out and put back, as a source becomes a peer that counts.
	add_offers(s, -1);
	s.agent_id = agent_id;
	m_agent_ids.insert(agent_id);
	add_offers(s, 1);
}

web_seed_knowledge::share web_seed_knowledge::share_of(std::uint64_t const own_id) const
{
	share s;
	s.m_rank = static_cast<std::size_t>(std::distance(m_agent_ids.begin(), m_agent_ids.lower_bound(own_id)));
	s.m_members = m_agent_ids.size() + 1;
	return s;
}

void web_seed_knowledge::add_offers(peer_state const& s, int const by)
{
	if (!counts(s))
	{
		return;
	}
	for (std::size_t piece = 0; piece < size(); ++piece)
	{
		m_offers[piece] += s.pieces[piece] ? by : 0;
	}
}

void web_seed_knowledge::peer_has(peer const p, std::vector<bool> pieces)
{
	auto& s = m_peers.at(p);
	add_offers(s, -1);
	pieces.resize(size());
	s.pieces = std::move(pieces);
	s.useful = useful_in(s.pieces);
	// Only the first message makes a source: a peer that becomes complete later counts.
	if (!std::exchange(s.has_told, true))
	{
		s.is_source = std::ranges::find(s.pieces, false) == s.pieces.end();
	}
	add_offers(s, 1);
	for (auto const piece : std::vector<std::size_t>(s.claims))
	{
		if (s.pieces[piece])
		{
			dropped(p, piece);
		}
	}
}

void web_seed_knowledge::peer_got(peer const p, std::size_t const piece)
{
	auto& s = m_peers.at(p);
	s.has_told = true;
	if (!s.pieces[piece])
	{
		s.pieces[piece] = true;
		s.useful += m_have[piece] ? 0U : 1U;
		m_offers[piece] += counts(s) ? 1 : 0;
	}
	dropped(p, piece);
}

void web_seed_knowledge::peer_lost(peer const p, std::size_t const piece)
{
	auto& s = m_peers.at(p);
	if (s.pieces[piece])
	{
		s.pieces[piece] = false;
		s.useful -= m_have[piece] ? 0U : 1U;
		m_offers[piece] -= counts(s) ? 1 : 0;
	}
}

void web_seed_knowledge::claimed(peer const p, std::size_t const piece, time const now)
{
	auto& s = m_peers.at(p);
	if (s.pieces[piece])
	{
		return;
	}
	dropped(p, piece); // the new claim is the youngest of the peer's, and the piece counts once
	if (s.claims.size() == max_claims)
	{
		dropped(p, s.claims.front());
	}
	s.claims.push_back(piece);
	m_claims[piece].insert(p);
	if (!m_have[piece])
	{
		m_first_claimed.try_emplace(piece, now);
	}
}

void web_seed_knowledge::dropped(peer const p, std::size_t const piece)
{
	if (std::erase(m_peers.at(p).claims, piece) == 0)
	{
		return;
	}
	auto const found = m_claims.find(piece);
	found->second.erase(p);
	if (found->second.empty())
	{
		m_claims.erase(found);
	}
}

std::optional<web_seed_knowledge::time> web_seed_knowledge::claimed_at(std::size_t const piece) const
{
	auto const first = m_first_claimed.find(piece);
	return m_claims.contains(piece) && first != m_first_claimed.end() ? std::optional(first->second)
																	  : std::nullopt;
}

void web_seed_knowledge::delivered(peer const p, std::int64_t const bytes)
{
	auto& s = m_peers.at(p);
	s.delivered += bytes;
	s.has_delivered = true;
	m_delivered += bytes;
}

std::size_t web_seed_knowledge::useful_in(std::vector<bool> const& pieces) const
{
	std::size_t useful = 0;
	for (std::size_t piece = 0; piece < size(); ++piece)
	{
		useful += pieces[piece] && !m_have[piece] ? 1U : 0U;
	}
	return useful;
}

void web_seed_knowledge::doubt(peer_state& s, bool const is_doubted)
{
	if (s.is_doubted != is_doubted)
	{
		add_offers(s, -1);
		s.is_doubted = is_doubted;
		add_offers(s, 1);
	}
}

void web_seed_knowledge::weigh(time const now)
{
	m_now = now;
	bool const is_suspicious = m_found_out && now - *m_found_out < suspicious_time;
	std::vector<peer_state*> offering;
	for (auto& [p, s] : m_peers)
	{
		if ((s.agent_id || !s.is_source) && s.useful > 0)
		{
			offering.push_back(&s);
		}
		else
		{
			s.weighed.reset();
			s.delivered = 0;
		}
	}
	for (auto* const s : offering)
	{
		bool const is_new = !s->weighed;
		if (!is_new && now - *s->weighed < weighing_time)
		{
			continue;
		}
		auto const each = (m_delivered - s->all_before) / static_cast<std::int64_t>(offering.size() + 1);
		bool const is_little = s->delivered == 0 || s->delivered * least_part < each;
		if (!is_new && is_little)
		{
			m_found_out = now;
		}
		doubt(*s, is_new ? is_suspicious && !s->has_delivered : is_little);
		s->weighed = now;
		s->delivered = 0;
		s->all_before = m_delivered;
	}
}

void web_seed_knowledge::check_invariants() const
{
	BOOST_ASSERT(m_missing == static_cast<std::size_t>(std::ranges::count(m_have, false)));
	std::vector<int> offers(size());
	std::multiset<std::uint64_t> agent_ids;
	std::size_t claims = 0;
	for (auto const& [p, s] : m_peers)
	{
		BOOST_ASSERT(s.pieces.size() == size());
		BOOST_ASSERT(s.useful == useful_in(s.pieces));
		for (std::size_t piece = 0; piece < size(); ++piece)
		{
			offers[piece] += counts(s) && s.pieces[piece] ? 1 : 0;
		}
		if (s.agent_id)
		{
			agent_ids.insert(*s.agent_id);
		}
		BOOST_ASSERT(s.claims.size() <= max_claims);
		for (auto const piece : s.claims)
		{
			BOOST_ASSERT(!s.pieces[piece]);
			BOOST_ASSERT(std::ranges::count(s.claims, piece) == 1);
			BOOST_ASSERT(m_claims.contains(piece) && m_claims.at(piece).contains(p));
		}
		claims += s.claims.size();
	}
	BOOST_ASSERT(offers == m_offers);
	BOOST_ASSERT(agent_ids == m_agent_ids);
	for (auto const& [piece, claimants] : m_claims)
	{
		BOOST_ASSERT(!claimants.empty());
		claims -= claimants.size();
	}
	BOOST_ASSERT(claims == 0); // none by piece that is not by peer
}

} // namespace rawswarm
