// SPDX-License-Identifier: BSD-3-Clause
// Which connection a full server gives up: the oldest of whoever has the most, so that one machine cannot
// keep all others out. One thread; no clock and no sockets.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <map>
#include <set>

namespace rawswarm
{

class address_shares
{
public:
	// number: of the connection; later ones have greater ones.
	void add(std::uint64_t number, boost::asio::ip::address const& peer);
	void remove(std::uint64_t number, boost::asio::ip::address const& peer);

	// Of several that have as many, the oldest of all theirs. There must be one.
	std::uint64_t next_to_go() const;

private:
	std::map<boost::asio::ip::address, std::set<std::uint64_t>> m_machines;
};

} // namespace rawswarm
