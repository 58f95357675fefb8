// SPDX-License-Identifier: BSD-3-Clause
// The state by which web_seed_picker decides what to fetch: which peer of a torrent has which piece, and
// which peer fetches which piece from a web seed, as far as one agent knows.
//
// Two kinds of peers are told apart. *Members* fetch from web seeds too and say what they fetch
// (web_seed_claims.hpp); every piece that a member has counts as offered, as the room can get it from there.
// A piece that another peer has counts as well, unless that peer said in its first message that it has all of
// them: that is a seeder that serves in parallel with the web seeds, and if its pieces counted the web seeds
// would not be used at all.
//
// Pure state: no threads, no clock of its own. Pieces must be in range, peers joined; times must not go back.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace rawswarm
{

class web_seed_knowledge
{
public:
	using time = std::chrono::steady_clock::time_point;
	using peer = std::uint64_t;

	// How many claims of one peer count. A peer that claims more pieces at once than any agent fetches cannot
	// keep the room from fetching them: its oldest claims are forgotten. Four times max_web_fetches.
	static constexpr std::size_t max_claims = 8;

	// have: this agent's own pieces.
	explicit web_seed_knowledge(std::vector<bool> have);

	std::size_t size() const { return m_have.size(); } // pieces of the torrent

	bool has(std::size_t piece) const { return m_have[piece]; }
	void got(std::size_t piece);
	std::size_t missing() const { return m_missing; }

	void joined(peer p);
	void left(peer p);

	// agent_id: the peer's own, by which members divide the pieces among themselves. Only the first call
	// counts.
	void is_member(peer p, std::uint64_t agent_id);

	// Everything that the peer has; replaces what was known. Shorter than the torrent: it lacks the rest.
	void peer_has(peer p, std::vector<bool> pieces);
	void peer_got(peer p, std::size_t piece);
	void peer_lost(peer p, std::size_t piece);

	// The peer fetches the piece; it does not any more. A piece that arrived ends its claim without a word.
	void claimed(peer p, std::size_t piece, time now);
	void dropped(peer p, std::size_t piece);

	// Whether a peer that counts has the piece.
	bool is_offered(std::size_t piece) const { return m_offers[piece] > 0; }

	// When the latest claim for the piece was heard; empty: no peer claims it.
	std::optional<time> claimed_at(std::size_t piece) const;

	std::size_t members() const { return m_agent_ids.size(); } // without this agent

	// The pieces that one member begins with: every n-th of a room of n members. Members that know the same
	// members divide all pieces alike, without a word.
	class share
	{
	public:
		bool has(std::size_t piece) const { return piece % m_members == m_rank; }

	private:
		friend class web_seed_knowledge;
		std::size_t m_rank = 0; // among all agent ids
		std::size_t m_members = 1;
	};

	// own_id: this agent's, which is not among those of the peers.
	share share_of(std::uint64_t own_id) const;

	// Ends the program if the counts do not agree with the peers. For tests; takes the time of all peers
	// times all pieces.
	void check_invariants() const;

private:
	struct peer_state
	{
		std::vector<bool> pieces;
		std::vector<std::size_t> claims; // oldest first
		bool has_told = false; // which pieces it has
		bool is_source = false; // it had everything in the first message
		std::optional<std::uint64_t> agent_id; // of a member
	};

	static bool counts(peer_state const& s) { return s.agent_id || !s.is_source; }
	void add_offers(peer_state const& s, int by);

	std::vector<bool> m_have;
	std::vector<int> m_offers; // per piece: peers that have it and count
	std::size_t m_missing = 0;
	std::map<peer, peer_state> m_peers;
	std::multiset<std::uint64_t> m_agent_ids; // the members'; two connections to one member count twice
	std::map<std::size_t, std::map<peer, time>> m_claims; // by piece, the same as by peer
};

} // namespace rawswarm
