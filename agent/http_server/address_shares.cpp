// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/address_shares.hpp"

#include <algorithm>
#include <tuple>

namespace rawswarm
{

namespace
{

// Whom one machine can be: of IPv6 its /64, of which it may have every address.
boost::asio::ip::address machine_of(boost::asio::ip::address const& a)
{
	if (!a.is_v6() || a.to_v6().is_v4_mapped())
	{
		return a;
	}
	auto bytes = a.to_v6().to_bytes();
	std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t(0));
	return boost::asio::ip::address_v6(bytes);
}

} // namespace

void address_shares::add(std::uint64_t const number, boost::asio::ip::address const& peer)
{
	m_machines[machine_of(peer)].insert(number);
}

void address_shares::remove(std::uint64_t const number, boost::asio::ip::address const& peer)
{
	auto const machine = m_machines.find(machine_of(peer));
	if (machine != m_machines.end() && machine->second.erase(number) > 0 && machine->second.empty())
	{
		m_machines.erase(machine);
	}
}

std::uint64_t address_shares::next_to_go() const
{
	auto const most =
		std::max_element(m_machines.begin(), m_machines.end(), [](auto const& a, auto const& b) {
			auto const& [fewer, more] = std::tie(a.second, b.second);
			return fewer.size() != more.size() ? fewer.size() < more.size() : *fewer.begin() > *more.begin();
		});
	return *most->second.begin();
}

} // namespace rawswarm
