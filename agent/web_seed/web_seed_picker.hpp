// SPDX-License-Identifier: BSD-3-Clause
// Which piece an agent fetches next from a web seed, so that the room together fetches each piece once.
//
// Candidates are the pieces that this agent neither has nor fetches, no peer offers and no other member
// claims. Every agent goes through them in a random order of its own, so that agents which do not know each
// other yet take different pieces and none has to wait until the room has met. Members that know each other
// have a share of the pieces each (web_seed_knowledge::share) and leave the shares of others for the end: a
// claim is heard late, behind the pieces that are on their way in the same connections, and until then only
// the shares keep members apart.
//
// When no candidate is left, two limits keep it going. A claim that is older than its piece should need is
// not believed any more. And if no piece at all has arrived for long, pieces that peers offer are fetched
// too.
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

	// How long a claim is believed: three times as long as the slowest of the agent's own last pieces took,
	// within bounds. A server that many ask is slow for all of them alike. Initial values, not measured.
	static constexpr std::chrono::seconds first_claim_limit{30}; // before the first piece has come
	static constexpr std::chrono::seconds min_claim_limit{5};
	static constexpr std::chrono::seconds max_claim_limit{120};
	static constexpr int patience = 3;

	// If no new piece has arrived for so long, the peers that offer what is missing do not deliver it.
	// Initial value, not measured.
	static constexpr std::chrono::seconds stall_limit{15};

	// agent_id: a number that other agents do not have.
	web_seed_picker(std::size_t pieces, std::uint64_t agent_id);

	// The piece to fetch; empty: none for now. is_mine: whether this agent fetches a piece already.
	// last_progress: when this agent last got a piece, from anywhere.
	std::optional<std::size_t> next(web_seed_knowledge const& known,
		std::function<bool(std::size_t)> const& is_mine, clock::time_point now,
		clock::time_point last_progress);

	// A piece has come, so long after it was picked.
	void took(clock::duration d);

	clock::duration claim_limit() const { return m_claim_limit; }

private:
	clock::duration patience_for(std::size_t piece) const;

	std::uint64_t m_agent_id;
	std::vector<std::size_t> m_order; // without those that the agent has
	std::vector<clock::duration> m_took; // the last few
	clock::duration m_claim_limit = first_claim_limit;
};

// How many pieces an agent fetches at once. Two, so that the server works while a piece is hashed and handed
// over. One if so many members fetch that the server is never idle: pieces that come one after the other
// reach the room earlier than pieces that all come slowly.
inline constexpr std::size_t max_web_fetches = 2;
inline constexpr std::size_t members_that_fill_a_server = 8; // initial value, not measured
std::size_t web_fetches_for(std::size_t members);

} // namespace rawswarm
