// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/super_seed.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <numeric>
#include <tuple>

namespace rawswarm
{

namespace
{

// How many peers are served at once while no peer has a piece; one more for each piece that some peer has.
// The fewer share the seeder's link, the sooner the first pieces are whole and their owners can pass them on.
// Later everyone is served: a peer's link is busy with what other peers send, and a few such peers would not
// fill the seeder's.
constexpr int initial_peers = 4;

// A place is for who fetches. A peer holds it for a moment, in which its first request comes, and then as
// long as it is not much slower than the fastest. A peer that held one for nothing opens another, so that a
// crowd which asks for nothing is through in as many moments as it has doublings; and so does each second in
// which no piece was fetched, beyond what a piece may take.
constexpr std::chrono::seconds first_moment{1};
constexpr int slow_divisor = 8;
constexpr std::chrono::seconds without_pieces{3};

// A further piece is revealed to a peer when no more than this is left to send of what was revealed to it:
// the largest of min_ahead blocks, half a piece, and half of what was sent to it in a second. With less, the
// peer waits for the next piece and the link stands still; with more, pieces are promised to one peer that
// others could fetch now.
constexpr int min_ahead = 8; // blocks
constexpr int piece_divisor = 2;
constexpr int second_divisor = 2;

// No block of a revealed piece was requested within this time: assume that the peer gets the piece elsewhere,
// or not at all.
constexpr std::chrono::seconds stuck_after{5};

// In the order of rarity, a piece that is on its way to one peer ranks like a piece that two peers have.
constexpr int revealed_weight = 2;

} // namespace

int super_seed::peer_state::ahead() const
{
	return std::accumulate(revealed.begin(), revealed.end(), 0,
		[](int const sum, revealed_piece const& s) { return sum + s.unsent; });
}

super_seed::super_seed(int const pieces, int const blocks_in_piece)
	: m_blocks_in_piece(blocks_in_piece)
	, m_missing(pieces)
	, m_pieces(static_cast<std::size_t>(pieces))
{
	for (int i = 0; i < pieces; ++i)
	{
		m_ranks.insert(m_ranks.end(), rank(i));
	}
}

std::pair<int, int> super_seed::rank(int const piece) const
{
	auto const& s = m_pieces[static_cast<std::size_t>(piece)];
	return {s.copies + revealed_weight * s.revealed, piece};
}

template <class F>
void super_seed::update(int const piece, F const f)
{
	auto& s = m_pieces[static_cast<std::size_t>(piece)];
	m_ranks.erase(rank(piece));
	m_missing -= s.copies == 0 ? 1 : 0;
	f(s);
	m_missing += s.copies == 0 ? 1 : 0;
	m_ranks.insert(rank(piece));
}

int super_seed::peer_state::rate(clock::time_point const now) const
{
	return now - second < std::chrono::seconds(2) ? std::max(sent_now, sent_before) : 0;
}

bool super_seed::peer_state::lacks_piece(int const piece) const
{
	return !has_all && !has[static_cast<std::size_t>(piece)];
}

void super_seed::join(peer const p, bool const is_member)
{
	auto const [it, is_new] = m_peers.try_emplace(p);
	it->second.is_member = is_member;
	if (is_new)
	{
		it->second.has.assign(m_pieces.size(), false);
		it->second.lacks = static_cast<int>(m_pieces.size());
	}
}

void super_seed::leave(peer const p)
{
	auto const it = m_peers.find(p);
	if (it == m_peers.end())
	{
		return;
	}
	auto& s = it->second;
	while (!s.revealed.empty())
	{
		withdraw(s, s.revealed.back().piece);
	}
	m_whole -= s.has_all ? 1 : 0;
	m_wasted -= s.has_wasted ? 1 : 0;
	// what left with it is rarer now, and may have to be sent again
	for (std::size_t i = 0; i < s.has.size(); ++i)
	{
		if (s.has[i])
		{
			update(static_cast<int>(i), [](piece_state& piece) { --piece.copies; });
		}
	}
	m_peers.erase(it);
}

void super_seed::withdraw(peer_state& s, int const piece)
{
	auto const it = std::ranges::find(s.revealed, piece, &revealed_piece::piece);
	if (it != s.revealed.end())
	{
		s.revealed.erase(it);
		update(piece, [](piece_state& changed) { --changed.revealed; });
	}
}

void super_seed::add_copy(peer_state& s, int const piece)
{
	if (piece < 0 || piece >= static_cast<int>(m_pieces.size()) || !s.lacks_piece(piece))
	{
		return;
	}
	auto const revealed = std::ranges::find(s.revealed, piece, &revealed_piece::piece);
	if (revealed != s.revealed.end() && revealed->unsent == 0)
	{
		m_last_fetched = m_now;
	}
	withdraw(s, piece);
	s.is_stuck = false;
	s.has[static_cast<std::size_t>(piece)] = true;
	--s.lacks;
	update(piece, [](piece_state& changed) { ++changed.copies; });
}

void super_seed::peer_got(peer const p, int const piece)
{
	if (auto const it = m_peers.find(p); it != m_peers.end())
	{
		add_copy(it->second, piece);
	}
}

void super_seed::peer_got_all(peer const p)
{
	if (auto const it = m_peers.find(p); it != m_peers.end())
	{
		get_all(it->second);
	}
}

// In the time of what was revealed to the peer and of what it had, not of all pieces: some come and go.
void super_seed::get_all(peer_state& s)
{
	if (std::exchange(s.has_all, true))
	{
		return;
	}
	while (!s.revealed.empty())
	{
		withdraw(s, s.revealed.back().piece);
	}
	for (std::size_t i = 0; i < s.has.size(); ++i)
	{
		if (s.has[i])
		{
			update(static_cast<int>(i), [](piece_state& piece) { --piece.copies; });
		}
	}
	s.has = {};
	s.lacks = 0;
	s.is_stuck = false;
	++m_whole;
}

bool super_seed::sent_block(peer const p, int const piece, clock::time_point const now)
{
	auto const it = m_peers.find(p);
	if (it == m_peers.end())
	{
		return false;
	}
	auto& s = it->second;
	if (now - s.second >= std::chrono::seconds(1))
	{
		s.sent_before = now - s.second < std::chrono::seconds(2) ? s.sent_now : 0;
		s.sent_now = 0;
		s.second = now;
	}
	++s.sent_now;
	m_now = now;
	s.has_fetched = true;
	s.is_stuck = false;
	auto const found = std::ranges::find(s.revealed, piece, &revealed_piece::piece);
	if (found != s.revealed.end())
	{
		found->unsent = std::max(0, found->unsent - 1); // a block may be sent twice
		found->last_sent = now;
	}
	return s.ahead() <= max_ahead(s);
}

void super_seed::withdraw_stuck()
{
	for (auto& [p, s] : m_peers)
	{
		if (s.ahead() > 0 && !s.has_fetched && m_now - s.since >= first_moment)
		{
			m_wasted += std::exchange(s.has_wasted, true) ? 0 : 1;
		}
		for (std::size_t i = s.revealed.size(); i-- > 0;) // backwards, as withdraw() erases
		{
			if (m_now - s.revealed[i].last_sent >= stuck_after)
			{
				s.is_stuck = true;
				withdraw(s, s.revealed[i].piece);
			}
		}
	}
}

int super_seed::max_ahead(peer_state const& s) const
{
	return std::max(
		{min_ahead, m_blocks_in_piece / piece_divisor, std::max(s.sent_before, s.sent_now) / second_divisor});
}

int super_seed::places() const
{
	int const out = static_cast<int>(m_pieces.size()) - (m_whole > 0 ? 0 : m_missing);
	auto const waited = m_now - m_last_fetched.value_or(m_now);
	auto const late = std::chrono::duration_cast<std::chrono::seconds>(waited - without_pieces).count();
	return initial_peers + out + m_wasted + std::max(0, static_cast<int>(late));
}

bool super_seed::holds_place(peer_state const& s, int const best_rate) const
{
	return s.ahead() > 0 && (m_now - s.since < first_moment || s.rate(m_now) > best_rate / slow_divisor);
}

bool super_seed::may_get_another(peer_state const& s, bool const is_place_free) const
{
	if (!s.is_member || s.lacks <= static_cast<int>(s.revealed.size()))
	{
		return false;
	}
	int const ahead = s.ahead();
	return ahead <= max_ahead(s) && (ahead > 0 || is_place_free);
}

std::map<super_seed::peer, super_seed::peer_state>::iterator super_seed::next_peer()
{
	int best_rate = 0;
	for (auto const& [p, s] : m_peers)
	{
		best_rate = std::max(best_rate, s.rate(m_now));
	}
	auto const held =
		std::ranges::count_if(m_peers, [&](auto const& p) { return holds_place(p.second, best_rate); });
	bool const is_place_free = held < places();
	auto best = m_peers.end();
	for (auto it = m_peers.begin(); it != m_peers.end(); ++it)
	{
		// Stuck peers come last, but they do come: one may be the only peer there is.
		auto const order = [](peer_state const& s) { return std::tuple(s.is_stuck, s.ahead(), s.turn); };
		if (may_get_another(it->second, is_place_free)
			&& (best == m_peers.end() || order(it->second) < order(best->second)))
		{
			best = it;
		}
	}
	return best;
}

int super_seed::rarest_for(peer_state const& s) const
{
	auto const it = std::ranges::find_if(m_ranks, [&](auto const& rank) {
		return s.lacks_piece(rank.second)
			&& std::ranges::find(s.revealed, rank.second, &revealed_piece::piece) == s.revealed.end();
	});
	return it->second; // there is one: it lacks more pieces than were revealed to it
}

std::vector<super_seed::reveal> super_seed::next(clock::time_point const now)
{
	m_now = now;
	withdraw_stuck();
	std::vector<reveal> reveals;
	for (auto it = next_peer(); it != m_peers.end(); it = next_peer())
	{
		auto& [p, s] = *it;
		int const piece = rarest_for(s);
		m_last_fetched = m_last_fetched.value_or(now);
		if (s.ahead() == 0)
		{
			s.since = now;
			s.has_fetched = false;
		}
		s.revealed.push_back({piece, m_blocks_in_piece, now});
		s.turn = ++m_turn;
		update(piece, [](piece_state& changed) { ++changed.revealed; });
		reveals.push_back({p, piece});
	}
	return reveals;
}

void super_seed::check_invariants() const
{
	std::vector<piece_state> pieces(m_pieces.size());
	int whole = 0;
	int wasted = 0;
	for (auto const& [p, s] : m_peers)
	{
		whole += s.has_all ? 1 : 0;
		wasted += s.has_wasted ? 1 : 0;
		BOOST_ASSERT(s.has.size() == (s.has_all ? 0 : m_pieces.size()));
		BOOST_ASSERT(s.lacks == std::ranges::count(s.has, false));
		for (std::size_t i = 0; i < s.has.size(); ++i)
		{
			pieces[i].copies += s.has[i] ? 1 : 0;
		}
		for (auto const& r : s.revealed)
		{
			auto const i = static_cast<std::size_t>(r.piece);
			BOOST_ASSERT(s.lacks_piece(r.piece));
			BOOST_ASSERT(std::ranges::count(s.revealed, r.piece, &revealed_piece::piece) == 1);
			BOOST_ASSERT(r.unsent >= 0 && r.unsent <= m_blocks_in_piece);
			++pieces[i].revealed;
		}
	}
	BOOST_ASSERT(whole == m_whole);
	BOOST_ASSERT(wasted == m_wasted);
	int missing = 0;
	for (std::size_t i = 0; i < pieces.size(); ++i)
	{
		BOOST_ASSERT(pieces[i].copies == m_pieces[i].copies);
		BOOST_ASSERT(pieces[i].revealed == m_pieces[i].revealed);
		BOOST_ASSERT(m_ranks.contains(rank(static_cast<int>(i))));
		missing += pieces[i].copies == 0 ? 1 : 0;
	}
	BOOST_ASSERT(m_missing == missing);
	BOOST_ASSERT(m_ranks.size() == m_pieces.size());
}

} // namespace rawswarm
