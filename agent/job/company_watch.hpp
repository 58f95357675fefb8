// SPDX-License-Identifier: BSD-3-Clause
// Decides when the user is told that a target that has something to fetch gets nothing.
//
// Pure: the caller brings the time and what the swarm reports.
#pragma once

#include <chrono>
#include <cstdint>

namespace rawswarm
{

class company_watch
{
public:
	using clock = std::chrono::steady_clock;

	enum class verdict
	{
		fine,
		no_peers,
		nothing_arrives // although there are peers
	};

	// After so long without a peer, or without a byte from any.
	static constexpr std::chrono::seconds patience{60};

	explicit company_watch(clock::time_point now)
		: m_last_company(now)
	{}

	// The target has come to another state.
	void restart(clock::time_point now) { m_last_company = now; }

	// useful: bytes that have arrived and helped, also from web seeds, which are no peers. stalled: for how
	// long there was no progress.
	verdict check(int peers, std::int64_t useful, clock::duration stalled, clock::time_point now)
	{
		if (peers > 0 || useful > m_useful)
		{
			m_last_company = now;
			m_useful = useful;
		}
		if (now - m_last_company >= patience)
		{
			return verdict::no_peers;
		}
		return stalled >= patience ? verdict::nothing_arrives : verdict::fine;
	}

private:
	clock::time_point m_last_company; // when it last had a peer, or a byte arrived
	std::int64_t m_useful = 0; // bytes that had arrived then
};

} // namespace rawswarm
