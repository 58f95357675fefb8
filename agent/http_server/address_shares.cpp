// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/address_shares.hpp"

#include "agent/net/address.hpp"

#include <algorithm>
#include <tuple>

namespace rawswarm
{

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
