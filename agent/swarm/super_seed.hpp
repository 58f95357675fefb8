// SPDX-License-Identifier: BSD-3-Clause
// Which piece a seeder reveals to which peer, so that its link carries each piece once.
//
// A seed that reveals all it has is asked by every peer for any piece that the peer happens to want, and has
// sent much of the image twice before the peers can help each other. Super-seeding (BEP 16) reveals one piece
// to a peer, and a further one when that piece is seen elsewhere; the seed's link stands still meanwhile.
// Here a further piece is revealed to a peer as soon as little of the last one is left to send, and always
// one that the fewest peers have or are about to get, in the order of the torrent. So nothing is sent twice
// while some piece is still unrevealed, and after that the rarest pieces go first, to peers that lack them.
//
// Pure: no network, and the time is what the caller says it is. Pieces are numbered as in the torrent;
// numbers outside of it, and peers that did not join, are ignored. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace rawswarm
{

class super_seed
{
public:
	using peer = std::uint64_t; // the caller's choice
	using clock = std::chrono::steady_clock;

	struct reveal
	{
		peer to = 0;
		int piece = 0;
	};

	super_seed(int pieces, int blocks_in_piece);

	// The pieces of every peer count, but pieces are revealed to members only. A further call changes whether
	// the peer is a member, and nothing else.
	void join(peer p, bool is_member);
	void leave(peer p);

	// The peer says that it has a piece, or all of them.
	void peer_got(peer p, int piece);
	void peer_got_all(peer p);

	// A block was sent to the peer. True if a further piece may be revealed to it by now, so that next() is
	// worth calling: this is called for every block, and next() looks at all peers.
	bool sent_block(peer p, int piece, clock::time_point now);

	// The pieces to reveal now, in this order. They count as revealed from now on.
	std::vector<reveal> next(clock::time_point now);

	// Whether every piece is with some peer, so that the room could do without the seeder.
	bool is_fully_distributed() const { return m_missing == 0 || m_whole > 0; }

	// Ends the program if the counts do not agree with the peers. For tests; takes the time of all peers
	// times all pieces.
	void check_invariants() const;

private:
	// A piece that was revealed to a peer, which does not have it yet.
	struct revealed_piece
	{
		int piece = 0;
		int unsent = 0; // blocks
		clock::time_point last_sent{}; // when a block of it was sent; before the first, when it was revealed
	};

	struct peer_state
	{
		bool is_member = false;
		bool is_stuck = false; // did not request what was revealed to it
		bool has_all = false; // then `has` is empty, and its copies are not in those of the pieces
		std::vector<bool> has;
		int lacks = 0; // pieces
		std::vector<revealed_piece> revealed;
		clock::time_point since{}; // when it got the place that it holds
		bool has_fetched = false; // a block, at that place
		bool has_wasted = false; // a place, at any time
		std::uint64_t turn = 0; // of the last piece revealed to it; peers take turns

		// Blocks sent to it, counted by the second.
		clock::time_point second{}; // when the current one began
		int sent_now = 0; // in the current second
		int sent_before = 0; // in the one before

		int ahead() const; // blocks that were revealed to it and are not sent yet
		int rate(clock::time_point now) const; // blocks that were sent to it in a second, lately
		bool lacks_piece(int piece) const;
	};

	struct piece_state
	{
		int copies = 0; // peers that have it
		int revealed = 0; // peers that know of it and do not have it yet
	};

	std::pair<int, int> rank(int piece) const;
	template <class F>
	void update(int piece, F f);
	void add_copy(peer_state& s, int piece);
	void withdraw(peer_state& s, int piece);
	void withdraw_stuck();
	void get_all(peer_state& s);
	int max_ahead(peer_state const& s) const;
	int places() const;
	bool holds_place(peer_state const& s, int best_rate) const;
	bool may_get_another(peer_state const& s, bool is_place_free) const;
	std::map<peer, peer_state>::iterator next_peer();
	int rarest_for(peer_state const& s) const;

	int m_blocks_in_piece;
	int m_missing; // pieces that no peer has, but for those that have all
	int m_whole = 0; // peers that have all
	int m_wasted = 0; // peers that held a place for nothing and are still there
	clock::time_point m_now{}; // of the last call that told
	std::optional<clock::time_point>
		m_last_fetched; // when a peer came to have a piece; else of the first reveal
	std::uint64_t m_turn = 0;
	std::vector<piece_state> m_pieces;
	std::set<std::pair<int, int>> m_ranks; // one per piece, the rarest piece first
	std::map<peer, peer_state> m_peers;
};

} // namespace rawswarm
