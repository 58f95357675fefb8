// SPDX-License-Identifier: BSD-3-Clause
// Which piece an agent fetches next from a web seed, so that the room together fetches each piece once.
//
// Every agent goes through the pieces in an order of its own: agents that do not know each other yet take
// different ones, and nobody waits for the room to have met. Those that do have a share each, and leave the
// shares of others for the end: what a member says that it fetches is heard late, behind the pieces that are
// on their way in the same connections. Left out is what this agent has or fetches, what
// a peer has, and what another member fetches. When nothing else is left, two limits keep it going: a claim
// that is older than its piece should need is not believed any more, and when nothing at all has come for
// long, what peers have is fetched here too.
//
// Pure: no threads, no clock of its own.
#pragma once

#include "agent/web_seed/web_seed_knowledge.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace rawswarm
{

class web_seed_picker
{
public:
	using clock = std::chrono::steady_clock;

	// For how long a claim is believed: three times as long as the slowest of the agent's last pieces took,
	// within bounds; a server that many ask is slow for all of them alike. Seed designs.
	static constexpr std::chrono::seconds first_claim_limit{30}; // no piece was fetched yet
	static constexpr std::chrono::seconds least_claim_limit{5};
	static constexpr std::chrono::seconds most_claim_limit{120};
	static constexpr int patience = 3;

	// So long without any new piece: peers that have what is missing do not give it.
	static constexpr std::chrono::seconds stall_limit{15};

	// own: a number that other agents do not have.
	web_seed_picker(std::size_t pieces, std::uint64_t own);

	// Empty: there is nothing to do now. mine: whether this agent fetches it already. last_progress: when
	// this agent last got a piece, from wherever.
	std::optional<std::size_t> next(web_seed_knowledge const& room,
		std::function<bool(std::size_t)> const& mine, clock::time_point now, clock::time_point last_progress);

	// A piece came, so long after it was picked.
	void took(clock::duration d);

	clock::duration claim_limit() const { return m_claim_limit; }

private:
	clock::duration patience_for(std::size_t piece) const;

	std::uint64_t m_own;
	std::vector<std::size_t> m_order; // less those that the agent has
	std::vector<clock::duration> m_took; // the last few
	clock::duration m_claim_limit = first_claim_limit;
};

// How many pieces an agent fetches at once. Two, so that the server works while a piece is checked and handed
// over; one where so many members fetch that the server is never idle, as pieces that come one after the
// other reach the room earlier than pieces that all come slowly.
inline constexpr std::size_t max_web_fetches = 2;
inline constexpr std::size_t members_that_fill_a_server = 8; // seed design
std::size_t web_fetches_for(std::size_t members);

} // namespace rawswarm
