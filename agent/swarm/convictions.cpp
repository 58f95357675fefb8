// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/convictions.hpp"

#include <algorithm>

namespace rawswarm
{

bool convictions::convict(boost::asio::ip::tcp::endpoint const& peer, clock::time_point const now)
{
	for (auto& [a, ports] : m_peers)
	{
		std::erase_if(ports, [now](auto const& p) { return now - p.second > memory; });
	}
	std::erase_if(m_peers, [](auto const& p) { return p.second.empty(); });
	auto const newest = [](auto const& p) {
		return std::ranges::max_element(p.second, {}, [](auto const& port) { return port.second; })->second;
	};
	if (m_peers.size() >= most_addresses && !m_peers.contains(peer.address()))
	{
		m_peers.erase(std::ranges::min_element(m_peers, {}, newest));
	}
	auto& ports = m_peers[peer.address()];
	ports[peer.port()] = now;
	if (ports.size() < most_peers)
	{
		return false;
	}
	m_peers.erase(peer.address());
	return true;
}

} // namespace rawswarm
