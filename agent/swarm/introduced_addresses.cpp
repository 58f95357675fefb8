// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/introduced_addresses.hpp"

#include <algorithm>

namespace rawswarm
{

void introduced_addresses::add(lt::tcp::endpoint const& address)
{
	if (m_waiting.size() < max_waiting)
	{
		m_waiting.push_back(address);
	}
}

std::vector<lt::tcp::endpoint> introduced_addresses::take(std::size_t const unanswered)
{
	auto const taken = std::min(std::max(m_dialled_now, unanswered), max_unanswered);
	auto const n = std::min(m_waiting.size(), max_unanswered - taken);
	auto const last = m_waiting.begin() + static_cast<std::ptrdiff_t>(n);
	std::vector<lt::tcp::endpoint> now(m_waiting.begin(), last);
	m_waiting.erase(m_waiting.begin(), last);
	m_dialled_now += n;
	return now;
}

} // namespace rawswarm
