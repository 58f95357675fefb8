// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/super_seed.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace rawswarm
{

namespace
{

// So many peers are served at once when nobody has anything, and one more for each piece that is out: the
// sooner the first pieces are whole, the sooner their owners can pass them on. Later everyone is served: a
// peer's link is busy with what other peers send, and few of them together would not fill the seeder's.
constexpr int first_peers = 4;

// A peer is shown a further piece when so little of the last is left: blocks, and parts of what it fetched
// within a second. Less, and it waits for the next; more, and pieces lie about that others could have.
constexpr int least_ahead = 8;
constexpr int piece_part = 2;
constexpr int second_part = 2;

// Not a block of what it was shown: it fetches the piece elsewhere, or not at all.
constexpr std::chrono::seconds stuck_after{5};

// A piece that is on its way to one peer is as good as out at two.
constexpr int shown_weight = 2;

} // namespace

int super_seed::peer_state::ahead() const
{
	return std::accumulate(
		shown.begin(), shown.end(), 0, [](int const sum, shown_piece const& s) { return sum + s.unsent; });
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
	return {s.copies + shown_weight * s.shown, piece};
}

template <class F>
void super_seed::change(int const piece, F const f)
{
	auto& s = m_pieces[static_cast<std::size_t>(piece)];
	m_ranks.erase(rank(piece));
	m_missing -= s.copies == 0 ? 1 : 0;
	f(s);
	m_missing += s.copies == 0 ? 1 : 0;
	m_ranks.insert(rank(piece));
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
	while (!s.shown.empty())
	{
		take_back(s, s.shown.back().piece);
	}
	for (std::size_t i = 0; i < s.has.size(); ++i)
	{
		if (s.has[i])
		{
			change(static_cast<int>(i), [](piece_state& piece) { --piece.copies; });
		}
	}
	m_peers.erase(it);
}

void super_seed::take_back(peer_state& s, int const piece)
{
	auto const it = std::ranges::find(s.shown, piece, &shown_piece::piece);
	if (it != s.shown.end())
	{
		s.shown.erase(it);
		change(piece, [](piece_state& changed) { --changed.shown; });
	}
}

void super_seed::gain(peer_state& s, int const piece)
{
	if (piece < 0 || piece >= static_cast<int>(m_pieces.size()) || s.has[static_cast<std::size_t>(piece)])
	{
		return;
	}
	take_back(s, piece);
	s.is_stuck = false;
	s.has[static_cast<std::size_t>(piece)] = true;
	--s.lacks;
	change(piece, [](piece_state& changed) { ++changed.copies; });
}

void super_seed::has(peer const p, int const piece)
{
	if (auto const it = m_peers.find(p); it != m_peers.end())
	{
		gain(it->second, piece);
	}
}

void super_seed::has_all(peer const p)
{
	if (auto const it = m_peers.find(p); it != m_peers.end())
	{
		for (int i = 0; i < static_cast<int>(m_pieces.size()); ++i)
		{
			gain(it->second, i);
		}
	}
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
	s.is_stuck = false;
	auto const shown = std::ranges::find(s.shown, piece, &shown_piece::piece);
	if (shown != s.shown.end())
	{
		shown->unsent = std::max(0, shown->unsent - 1);
		shown->moved = now;
	}
	return s.ahead() <= room_ahead(s);
}

void super_seed::take_back_stuck(clock::time_point const now)
{
	for (auto& [p, s] : m_peers)
	{
		for (std::size_t i = s.shown.size(); i-- > 0;)
		{
			if (now - s.shown[i].moved >= stuck_after)
			{
				s.is_stuck = true;
				take_back(s, s.shown[i].piece);
			}
		}
	}
}

int super_seed::room_ahead(peer_state const& s) const
{
	return std::max(
		{least_ahead, m_blocks_in_piece / piece_part, std::max(s.sent_before, s.sent_now) / second_part});
}

bool super_seed::may_be_shown(peer_state const& s, std::size_t const busy) const
{
	if (!s.is_member || s.lacks <= static_cast<int>(s.shown.size()))
	{
		return false;
	}
	int const ahead = s.ahead();
	auto const most =
		static_cast<std::size_t>(first_peers) + m_pieces.size() - static_cast<std::size_t>(m_missing);
	return ahead <= room_ahead(s) && (ahead > 0 || busy < most);
}

std::map<super_seed::peer, super_seed::peer_state>::iterator super_seed::next_peer()
{
	auto const busy = static_cast<std::size_t>(
		std::ranges::count_if(m_peers, [](auto const& p) { return p.second.ahead() > 0; }));
	auto best = m_peers.end();
	for (auto it = m_peers.begin(); it != m_peers.end(); ++it)
	{
		auto const order = [](peer_state const& s) { return std::tuple(s.is_stuck, s.ahead(), s.turn); };
		if (may_be_shown(it->second, busy)
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
		return !s.has[static_cast<std::size_t>(rank.second)]
			&& std::ranges::find(s.shown, rank.second, &shown_piece::piece) == s.shown.end();
	});
	return it->second; // it lacks more pieces than it was shown
}

std::vector<super_seed::offer> super_seed::next(clock::time_point const now)
{
	take_back_stuck(now);
	std::vector<offer> offers;
	for (auto it = next_peer(); it != m_peers.end(); it = next_peer())
	{
		auto& [p, s] = *it;
		int const piece = rarest_for(s);
		s.shown.push_back({piece, m_blocks_in_piece, now});
		s.turn = ++m_turn;
		change(piece, [](piece_state& changed) { ++changed.shown; });
		offers.push_back({p, piece});
	}
	return offers;
}

} // namespace rawswarm
