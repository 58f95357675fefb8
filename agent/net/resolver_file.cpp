// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/resolver_file.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <new>
#include <span>
#include <string>

#include <netinet/in.h>
#include <resolv.h>

namespace rawswarm
{

namespace
{

namespace ip = boost::asio::ip;

sockaddr_in as_ipv4(ip::address_v4 const& a)
{
	sockaddr_in to{};
	to.sin_family = AF_INET;
	to.sin_port = htons(NAMESERVER_PORT);
	to.sin_addr.s_addr = htonl(a.to_uint());
	return to;
}

// The C library frees and allocates what stands in its state, which is a union.
// NOLINTBEGIN(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory,cppcoreguidelines-pro-type-union-access)

sockaddr_in6* as_ipv6(ip::address_v6 const& a)
{
	auto* const to = static_cast<sockaddr_in6*>(std::calloc(1, sizeof(sockaddr_in6)));
	if (to == nullptr)
	{
		throw std::bad_alloc();
	}
	to->sin6_family = AF_INET6;
	to->sin6_port = htons(NAMESERVER_PORT);
	to->sin6_scope_id = static_cast<std::uint32_t>(a.scope_id());
	std::ranges::copy(a.to_bytes(), std::begin(to->sin6_addr.s6_addr));
	return to;
}

void set_server(std::size_t const i, ip::address const& server)
{
	auto*& extended = _res._u._ext.nsaddrs[i];
	std::free(extended);
	extended = server.is_v6() ? as_ipv6(server.to_v6()) : nullptr;
	_res.nsaddr_list[i] = server.is_v4() ? as_ipv4(server.to_v4()) : sockaddr_in{};
}

// NOLINTEND(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory,cppcoreguidelines-pro-type-union-access)

} // namespace

std::vector<ip::address> servers_of_windows_file(std::string_view text)
{
	constexpr std::string_view keyword = "nameserver";
	constexpr std::string_view separators = " \t";
	constexpr std::string_view end_of_word = " \t;#";
	std::vector<ip::address> servers;
	if (text.find("\r\n") == std::string_view::npos)
	{
		return servers;
	}
	while (!text.empty())
	{
		auto const end = std::min(text.find('\n'), text.size());
		auto const line = text.substr(0, end);
		text.remove_prefix(std::min(end + 1, text.size()));
		if (!line.starts_with(keyword) || line.find_first_of(separators) != keyword.size())
		{
			continue;
		}
		auto const word = trim(line.substr(keyword.size()));
		boost::system::error_code ec;
		auto const address =
			ip::make_address(std::string(word.substr(0, word.find_first_of(end_of_word))), ec);
		if (!ec)
		{
			servers.push_back(address);
		}
	}
	return servers;
}

// The C library asks what stands in the thread's _res (resolver(3)) as long as that is not what it made of
// the file. An IPv6 server stands in the extension, and its place in the list is empty.
void ask_in_this_thread(std::vector<ip::address> const& servers)
{
	auto& state = _res;
	bool const asks_others = (state.options & RES_NORELOAD) != 0;
	state.options &= ~static_cast<unsigned long>(RES_NORELOAD);
	if ((servers.empty() && !asks_others) || ::res_init() != 0 || servers.empty())
	{
		return;
	}
	auto const count = std::min<std::size_t>(servers.size(), MAXNS);
	for (std::size_t i = 0; i < count; ++i)
	{
		set_server(i, servers[i]);
	}
	state.nscount = static_cast<int>(count);
	state.options |= RES_NORELOAD;
	for (char* const domain : std::span(state.dnsrch))
	{
		if (domain == nullptr)
		{
			break;
		}
		std::string_view const text(domain);
		domain[std::min(text.find('\r'), text.size())] = '\0';
	}
}

} // namespace rawswarm
