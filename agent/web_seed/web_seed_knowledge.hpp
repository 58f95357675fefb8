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
// What a peer says that it has is weighed by what it delivers. It is believed at first. A peer that for five
// seconds delivered nothing, or a small part of what came meanwhile for each that offers something, is
// doubted for the next five: its pieces do not count as offered. While some peer was found out so within the
// last minute, new ones are doubted until they have delivered. A doubt costs traffic of the web seed; a
// belief without one would have the room wait for what never comes.
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

	// When the piece was first claimed, by whomever: to claim it again does not keep it longer. Empty: no
	// peer claims it now.
	std::optional<time> claimed_at(std::size_t piece) const;

	// Bytes that this agent had asked the peer for, or that came from web seeds.
	void delivered(peer p, std::int64_t bytes);
	void delivered_by_web_seed(std::int64_t bytes) { m_delivered += bytes; }

	// Looks at what peers delivered, in the time of all peers. To be called every second or so.
	void weigh(time now);

	static constexpr std::chrono::seconds weighing_time{5};
	static constexpr std::chrono::seconds suspicious_time{60};

	// Of what came, for each that offers something and the web seeds, a peer should bring such a part.
	static constexpr std::int64_t least_part = 4;

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
		std::size_t useful = 0; // of these, how many this agent lacks
		std::vector<std::size_t> claims; // oldest first
		bool has_told = false; // which pieces it has
		bool is_source = false; // it had everything in the first message
		std::optional<std::uint64_t> agent_id; // of a member
		std::int64_t delivered = 0; // bytes, since it was last weighed
		std::int64_t all_before = 0; // bytes that all had delivered by then
		std::optional<time> weighed; // when, or since when it offers something
		bool has_delivered = false; // at any time
		bool is_doubted = false;
	};

	static bool counts(peer_state const& s) { return !s.is_doubted && (s.agent_id || !s.is_source); }
	std::size_t useful_in(std::vector<bool> const& pieces) const; // how many this agent lacks
	void doubt(peer_state& s, bool is_doubted);
	void add_offers(peer_state const& s, int by);

	std::vector<bool> m_have;
	std::vector<int> m_offers; // per piece: peers that have it and count
	std::size_t m_missing = 0;
	std::map<peer, peer_state> m_peers;
	std::multiset<std::uint64_t> m_agent_ids; // the members'; two connections to one member count twice
	std::map<std::size_t, std::set<peer>> m_claims; // by piece, the same as by peer
	std::map<std::size_t, time> m_first_claimed; // by piece, of those that this agent lacks
	std::int64_t m_delivered = 0; // bytes, by all, so far
	std::optional<time> m_now; // of the last weighing
	std::optional<time> m_found_out; // when a peer last was
};

} // namespace rawswarm
