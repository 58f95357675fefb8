// SPDX-License-Identifier: BSD-3-Clause
// Which piece a seeder shows to which peer, so that its link carries each piece once.
//
// A seed that shows all it has is asked by every peer for whatever that peer happens to want, and has sent
// much of the image twice before the peers can help each other. Super-seeding (BEP 16) shows a peer one
// piece, and a further one when that piece is seen elsewhere; its link stands still meanwhile. Here a peer is
// shown a further piece as soon as little of the last is left to send, and always one that the fewest peers
// have or were shown, in the order of the torrent. So nothing is sent twice while there is a piece that was
// shown to nobody, and after that the rarest go first, to whoever lacks them.
//
// Pure: no network, and time is what the caller says it is. Pieces are numbered as in the torrent, peers as
// the caller likes. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace rawswarm
{

class super_seed
{
public:
	using peer = std::uint64_t;
	using clock = std::chrono::steady_clock;

	struct offer
	{
		peer to = 0;
		int piece = 0;
	};

	super_seed(int pieces, int blocks_in_piece);

	// The pieces of every peer count; only members are shown pieces. A second call changes what it is, and
	// forgets nothing.
	void join(peer p, bool is_member);
	void leave(peer p);
	void has(peer p, int piece);
	void has_all(peer p);
	// True if the peer may be shown a further piece by now: next() is worth calling.
	bool sent_block(peer p, int piece, clock::time_point now);

	// What is to be shown now; it is taken as shown.
	std::vector<offer> next(clock::time_point now);

	// Whether every piece is in some peer's hands.
	bool is_out() const { return m_missing == 0; }

private:
	struct shown_piece
	{
		int piece = 0;
		int unsent = 0; // blocks
		clock::time_point moved{}; // when a block of it was sent, or it was shown
	};

	struct peer_state
	{
		bool is_member = false;
		bool is_stuck = false; // did not fetch what it was shown
		std::vector<bool> has;
		int lacks = 0;
		std::vector<shown_piece> shown;
		std::uint64_t turn = 0; // when it was last shown a piece
		clock::time_point second{}; // blocks are counted by the second
		int sent_now = 0;
		int sent_before = 0;

		int ahead() const; // blocks that it was shown and not yet sent
	};

	struct piece_state
	{
		int copies = 0; // peers that have it
		int shown = 0; // peers that were shown it and do not have it yet
	};

	std::pair<int, int> rank(int piece) const;
	template <class F>
	void change(int piece, F f);
	void gain(peer_state& s, int piece);
	void take_back(peer_state& s, int piece);
	void take_back_stuck(clock::time_point now);
	int room_ahead(peer_state const& s) const;
	bool may_be_shown(peer_state const& s, std::size_t busy) const;
	std::map<peer, peer_state>::iterator next_peer();
	int rarest_for(peer_state const& s) const;

	int m_blocks_in_piece;
	int m_missing; // pieces that no peer has
	std::uint64_t m_turn = 0;
	std::vector<piece_state> m_pieces;
	std::set<std::pair<int, int>> m_ranks; // of every piece: the rarest first
	std::map<peer, peer_state> m_peers;
};

} // namespace rawswarm
