// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/endpoint.hpp"

#include "base/clean_text.hpp"

#include <optional>

namespace rawswarm
{

namespace
{

std::optional<scoped_address> parse_ip(std::string_view text, bool ipv6)
{
	if (ipv6)
	{
		return parse_scoped_ipv6(text);
	}
	auto const v4 = parse_ipv4(text);
	return v4 ? std::optional(scoped_address{*v4, {}}) : std::nullopt;
}

} // namespace

result<endpoint> parse_endpoint(std::string_view text)
{
	auto const parts = split_host(text);
	auto const address = parts ? parse_ip(parts->host, parts->bracketed) : std::nullopt;
	auto const port =
		parts && parts->rest.starts_with(':') ? parse_port(parts->rest.substr(1)) : std::nullopt;
	if (!address || !port)
	{
		return fail(fault::refused, "must be ADDRESS:PORT or [ADDRESS]:PORT, not \"{}\"", printable(text));
	}
	return endpoint{*address, *port};
}

result<endpoint> parse_listener(std::string_view text)
{
	BOOST_OUTCOME_TRY(parsed, parse_listeners(text));
	return parsed.back(); // of both families, IPv6
}

result<std::vector<endpoint>> parse_listeners(std::string_view text)
{
	namespace ip = boost::asio::ip;
	if (auto const port = text.starts_with(':') ? parse_port(text.substr(1)) : std::nullopt)
	{
		return std::vector<endpoint>{
			{{ip::address_v4::any(), {}}, *port}, {{ip::address_v6::any(), {}}, *port}};
	}
	if (auto const parsed = parse_endpoint(text))
	{
		return std::vector{parsed.value()};
	}
	return fail(fault::refused, "must be ADDRESS:PORT, [ADDRESS]:PORT or :PORT, not \"{}\"", printable(text));
}

result<endpoint> parse_destination(std::string_view text)
{
	BOOST_OUTCOME_TRY(parsed, parse_endpoint(text));
	if (parsed.port == 0)
	{
		return fail(fault::refused, "must have a port from 1 to 65535, not \"{}\"", printable(text));
	}
	return parsed;
}

std::string to_string(endpoint const& e)
{
	return join_host_port(to_string(e.address), e.port);
}

std::string to_string(std::vector<endpoint> const& list)
{
	std::string text;
	for (auto const& e : list)
	{
		text += (text.empty() ? "" : ",") + to_string(e);
	}
	return text;
}

boost::asio::ip::udp::endpoint to_udp(endpoint const& e)
{
	return {to_asio(e.address), e.port};
}

result<scoped_address> parse_multicast_group(std::string_view text)
{
	auto const group = parse_ip(text, text.find(':') != std::string_view::npos);
	if (!group || !group->address.is_multicast())
	{
		return fail(fault::refused, "must be a multicast address, not \"{}\"", printable(text));
	}
	return *group;
}

} // namespace rawswarm
