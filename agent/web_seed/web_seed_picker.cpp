// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_picker.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace rawswarm
{

namespace
{

constexpr std::size_t remembered_durations = 8;

} // namespace

web_seed_picker::web_seed_picker(std::size_t const pieces, std::uint64_t const agent_id)
	: m_agent_id(agent_id)
	, m_order(pieces)
{
	std::iota(m_order.begin(), m_order.end(), std::size_t(0));
	std::mt19937_64 random(agent_id);
	std::ranges::shuffle(m_order, random);
}

// All members see a claim grow old at the same time. So each waits between once and twice the limit, by its
// own random number, and the first to take the piece is heard by the others before they do.
web_seed_picker::clock::duration web_seed_picker::patience_for(std::size_t const piece) const
{
	std::mt19937_64 random(m_agent_id ^ piece);
	auto const thousandths = std::uniform_int_distribution<clock::rep>(0, 1000)(random);
	return m_claim_limit + m_claim_limit * thousandths / 1000;
}

std::optional<std::size_t> web_seed_picker::next(web_seed_knowledge const& known,
	std::function<bool(std::size_t)> const& is_mine, clock::time_point const now,
	clock::time_point const last_progress)
{
	// A piece that this agent has stays, so the list only shrinks, and a pick looks at what is left.
	std::erase_if(m_order, [&](std::size_t const piece) { return known.has(piece); });
	auto const share = known.share_of(m_agent_id);
	std::optional<std::size_t> from_other_shares;
	std::optional<std::size_t> offered;
	std::optional<std::size_t> overdue;
	for (auto const piece : m_order)
	{
		if (is_mine(piece))
		{
			continue;
		}
		if (known.is_offered(piece))
		{
			offered = offered.value_or(piece);
			continue;
		}
		auto const claimed = known.claimed_at(piece);
		if (!claimed && share.has(piece))
		{
			return piece;
		}
		if (!claimed)
		{
			from_other_shares = from_other_shares.value_or(piece);
			continue;
		}
		if (!overdue && now - *claimed >= patience_for(piece))
		{
			overdue = piece;
		}
	}
	if (from_other_shares || overdue)
	{
		return from_other_shares ? from_other_shares : overdue;
	}
	return now - last_progress >= stall_limit ? offered : std::nullopt;
}

void web_seed_picker::took(clock::duration const d)
{
	m_took.push_back(d);
	if (m_took.size() > remembered_durations)
	{
		m_took.erase(m_took.begin());
	}
	m_claim_limit = std::clamp<clock::duration>(
		patience * *std::ranges::max_element(m_took), min_claim_limit, max_claim_limit);
}

std::size_t web_fetches_for(std::size_t const members)
{
	return members < members_that_fill_a_server ? max_web_fetches : 1;
}

} // namespace rawswarm
