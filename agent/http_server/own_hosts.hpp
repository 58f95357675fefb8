// SPDX-License-Identifier: BSD-3-Clause
// Whether a request means this machine: whether its Host is an address or a name of it.
//
// A page of somebody else's whose name is made to lead here (DNS rebinding) could otherwise read what is
// served, with the browser of a user in this network: its requests have that page's name for Host.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rawswarm
{

struct own_hosts
{
	std::vector<std::string> names; // lower case
	std::vector<boost::asio::ip::address> addresses; // without scopes
};

// Not pure: asks the kernel for the host name and the addresses of all interfaces. Names are localhost, the
// host name as it is, its first label and that with ".local" (mDNS), and `others`, which may be addresses as
// well.
own_hosts find_own_hosts(std::vector<std::string> const& others);

// host: the header, with a port or without; the port does not matter, as it may be forwarded. local: where
// the connection arrived, which is an address of this machine even if it is newer than `own`. Loopback always
// is. Pure.
bool is_own_host(std::string_view host, own_hosts const& own, boost::asio::ip::address const& local);

// The same for one request after the other: the kernel is asked once a second at most, as a flood of requests
// would otherwise be one of questions to it, too.
class known_hosts
{
public:
	// others: as for find_own_hosts.
	explicit known_hosts(std::vector<std::string> others)
		: m_others(std::move(others))
	{}

	bool is_own(std::string_view host, boost::asio::ip::address const& local);

private:
	std::vector<std::string> m_others;
	own_hosts m_own;
	std::chrono::steady_clock::time_point m_until{}; // m_own is good; at first it is not
};

} // namespace rawswarm
