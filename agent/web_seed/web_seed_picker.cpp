// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_picker.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace rawswarm
{

namespace
{

constexpr std::size_t remembered_pieces = 8; // of how long they took

} // namespace

web_seed_picker::web_seed_picker(std::size_t const pieces, std::uint64_t const own)
	: m_own(own)
	, m_order(pieces)
{
	std::iota(m_order.begin(), m_order.end(), std::size_t(0));
	std::mt19937_64 random(own);
	std::ranges::shuffle(m_order, random);
}

// Members see a claim grow old at the same time: between once and twice the limit, each at its own moment,
// so that the first to take the piece is heard by the others.
web_seed_picker::clock::duration web_seed_picker::patience_for(std::size_t const piece) const
{
	std::mt19937_64 random(m_own ^ piece);
	auto const share = std::uniform_int_distribution<clock::rep>(0, 1000)(random);
	return m_claim_limit + m_claim_limit * share / 1000;
}

std::optional<std::size_t> web_seed_picker::next(web_seed_knowledge const& room,
	std::function<bool(std::size_t)> const& mine, clock::time_point const now,
	clock::time_point const last_progress)
{
	std::erase_if(m_order, [&](std::size_t const piece) { return room.has(piece); });
	auto const share = room.share_of(m_own);
	std::optional<std::size_t> of_others;
	std::optional<std::size_t> offered;
	std::optional<std::size_t> overdue;
	for (auto const piece : m_order)
	{
		if (mine(piece))
		{
			continue;
		}
		if (room.is_offered(piece))
		{
			offered = offered.value_or(piece);
			continue;
		}
		auto const claimed = room.claimed_at(piece);
		if (!claimed && share.has(piece))
		{
			return piece;
		}
		if (!claimed)
		{
			of_others = of_others.value_or(piece);
			continue;
		}
		if (!overdue && now - *claimed >= patience_for(piece))
		{
			overdue = piece;
		}
	}
	if (of_others || overdue)
	{
		return of_others ? of_others : overdue;
	}
	return now - last_progress >= stall_limit ? offered : std::nullopt;
}

void web_seed_picker::took(clock::duration const d)
{
	m_took.push_back(d);
	if (m_took.size() > remembered_pieces)
	{
		m_took.erase(m_took.begin());
	}
	m_claim_limit = std::clamp<clock::duration>(
		patience * *std::ranges::max_element(m_took), least_claim_limit, most_claim_limit);
}

std::size_t web_fetches_for(std::size_t const members)
{
	return members < members_that_fill_a_server ? max_web_fetches : 1;
}

} // namespace rawswarm
