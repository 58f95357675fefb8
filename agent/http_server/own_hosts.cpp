// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/own_hosts.hpp"

#include "agent/net/address.hpp"
#include "base/interface_addresses.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include <netinet/in.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace ip = boost::asio::ip;

std::optional<ip::address> address_of(sockaddr const* from)
{
	if (from != nullptr && from->sa_family == AF_INET)
	{
		sockaddr_in in{};
		std::memcpy(&in, from, sizeof(in));
		return ip::address_v4(ntohl(in.sin_addr.s_addr));
	}
	if (from != nullptr && from->sa_family == AF_INET6)
	{
		sockaddr_in6 in{};
		std::memcpy(&in, from, sizeof(in));
		ip::address_v6::bytes_type bytes{};
		std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
		return ip::address_v6(bytes);
	}
	return std::nullopt;
}

std::optional<ip::address> parse_address(std::string_view text)
{
	if (auto const v4 = parse_ipv4(text))
	{
		return *v4;
	}
	if (auto const v6 = parse_scoped_ipv6(text))
	{
		return plain_address(v6->address);
	}
	return std::nullopt;
}

std::string host_name()
{
	std::array<char, 256> name{};
	return ::gethostname(name.data(), name.size() - 1) == 0 ? lower_case(name.data()) : std::string();
}

} // namespace

own_hosts find_own_hosts(std::vector<std::string> const& others)
{
	own_hosts own;
	own.names.emplace_back("localhost");
	if (auto const name = host_name(); !name.empty())
	{
		auto const first = name.substr(0, name.find('.'));
		own.names.insert(own.names.end(), {name, first, first + ".local"});
	}
	for (auto const& other : others)
	{
		if (auto const a = parse_address(other))
		{
			own.addresses.push_back(*a);
		}
		else
		{
			own.names.push_back(lower_case(other));
		}
	}
	for_each_interface_address([&own](ifaddrs const& i) {
		if (auto const a = address_of(i.ifa_addr))
		{
			own.addresses.push_back(*a);
		}
	});
	return own;
}

bool is_own_host(std::string_view const host, own_hosts const& own, ip::address const& local)
{
	auto const parts = split_host(host);
	if (!parts || !(parts->rest.empty() || (parts->rest.front() == ':' && parse_port(parts->rest.substr(1)))))
	{
		return false;
	}
	if (auto const a = parse_address(parts->host); a && a->is_v6() == parts->bracketed)
	{
		auto const& list = own.addresses;
		return a->is_loopback() || *a == plain_address(local)
			|| std::find(list.begin(), list.end(), *a) != list.end();
	}
	if (parts->bracketed)
	{
		return false;
	}
	auto name = lower_case(parts->host);
	if (!name.empty() && name.back() == '.') // the root, which a name may end in
	{
		name.pop_back();
	}
	return std::find(own.names.begin(), own.names.end(), name) != own.names.end();
}

bool known_hosts::is_own(std::string_view const host, ip::address const& local)
{
	if (is_own_host(host, m_own, local))
	{
		return true;
	}
	auto const now = std::chrono::steady_clock::now();
	if (now < m_until)
	{
		return false;
	}
	m_own = find_own_hosts(m_others);
	m_until = now + std::chrono::seconds(1);
	return is_own_host(host, m_own, local);
}

} // namespace rawswarm
