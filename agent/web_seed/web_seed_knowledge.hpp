// SPDX-License-Identifier: BSD-3-Clause
// What one agent knows of who has which piece of a target, and who fetches it from a web seed.
//
// Two kinds of peers are told apart. *Members* fetch from web seeds as well and tell what they fetch
// (web_seed_claims.hpp); all that they have counts as being in the room. Of others a piece counts too, but
// not of a peer that said at once that it has everything: that is a source beside the web seeds, not one that
// spares them.
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

	// A peer that claims more at once than anyone fetches does not keep the room from fetching: its oldest
	// claims are forgotten. Four times what an agent fetches at once.
	static constexpr std::size_t max_claims = 8;

	explicit web_seed_knowledge(std::vector<bool> have);

	std::size_t size() const { return m_have.size(); }

	// This agent's own pieces.
	bool has(std::size_t piece) const { return m_have[piece]; }
	void got(std::size_t piece);
	std::size_t missing() const { return m_missing; }

	void joined(peer p);
	void left(peer p);

	// number: its own, by which members divide the pieces among them. Only the first time counts.
	void is_member(peer p, std::uint64_t number);

	// All that the peer has, which replaces what was known.
	void peer_has(peer p, std::vector<bool> pieces);
	void peer_got(peer p, std::size_t piece);
	void peer_lost(peer p, std::size_t piece);

	void claimed(peer p, std::size_t piece, time now);
	void dropped(peer p, std::size_t piece);

	// Whether a peer has it that counts.
	bool is_offered(std::size_t piece) const { return m_offers[piece] > 0; }

	// The latest of the claims for it.
	std::optional<time> claimed_at(std::size_t piece) const;

	std::size_t members() const { return m_numbers.size(); }

	// Whether a piece is in the share of the member that has the number `own`, who is not in the room itself.
	// All members divide the pieces in the same way if they know the same members.
	class share
	{
	public:
		bool has(std::size_t piece) const { return piece % m_members == m_place; }

	private:
		friend class web_seed_knowledge;
		std::size_t m_place = 0; // among all numbers
		std::size_t m_members = 1;
	};

	share share_of(std::uint64_t own) const;

private:
	struct state
	{
		std::vector<bool> pieces;
		std::vector<std::size_t> claims; // oldest first
		bool told = false; // what it has
		bool is_source = false; // it had everything at once
		std::optional<std::uint64_t> number; // of a member
	};

	static bool counts(state const& s) { return s.number || !s.is_source; }
	void add_offers(state const& s, int by);

	std::vector<bool> m_have;
	std::vector<int> m_offers; // peers that have it and count
	std::size_t m_missing = 0;
	std::map<peer, state> m_peers;
	std::multiset<std::uint64_t> m_numbers; // of the members
	std::map<std::size_t, std::map<peer, time>> m_claims; // by piece
};

} // namespace rawswarm
