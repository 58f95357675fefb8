// SPDX-License-Identifier: BSD-3-Clause
// Since when nobody needs an image that is served. Pure: the caller brings the time.
#pragma once

#include <chrono>
#include <cstdint>

namespace rawswarm
{

class idle_watch
{
public:
	using clock = std::chrono::steady_clock;

	// Somebody asked for it.
	void wanted(clock::time_point const now) { m_needed = now; }

	// needy_peers: that are connected and lack something. uploaded: bytes so far; fewer than before: it was
	// opened anew.
	void update(int const needy_peers, std::int64_t const uploaded, clock::time_point const now)
	{
		if (needy_peers > 0 || uploaded > m_uploaded)
		{
			m_needed = now;
		}
		m_uploaded = uploaded;
	}

	bool is_idle(clock::duration const limit, clock::time_point const now) const
	{
		return now - m_needed >= limit;
	}

private:
	clock::time_point m_needed{};
	std::int64_t m_uploaded = 0;
};

} // namespace rawswarm
