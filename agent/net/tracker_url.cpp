// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/tracker_url.hpp"

#include "agent/net/address.hpp"
#include "agent/net/uri_reference.hpp"
#include "base/text.hpp"

namespace rawswarm
{

namespace
{

// HOST, or HOST:PORT, which must be there if it is required.
bool is_host_and_port(std::string_view text, bool port_required)
{
	auto const parts = split_host(text);
	if (!parts
		|| (parts->bracketed ? !parse_ipv6(parts->host)
							 : !parse_ipv4(parts->host) && !is_host_name(parts->host)))
	{
		return false;
	}
	if (parts->rest.empty())
	{
		return !port_required;
	}
	auto const port = parts->rest.starts_with(':') ? parse_port(parts->rest.substr(1)) : std::nullopt;
	return port && *port != 0;
}

} // namespace

result<tracker_url> tracker_url::parse(std::string_view text)
{
	auto const parts = split_uri(text);
	auto const scheme = lower_case(parts.scheme.value_or(""));
	auto const is_udp = scheme == "udp";
	auto const authority = parts.authority.value_or("");
	auto const host = authority.substr(authority.rfind('@') + 1); // npos + 1 is 0
	if ((scheme != "http" && scheme != "https" && !is_udp) || !has_only_uri_characters(text)
		|| !is_host_and_port(host, false))
	{
		return fail(fault::refused, "must be an http, https or udp URL, not \"{}\"", printable_uri(text));
	}
	if (is_udp && !is_host_and_port(host, true))
	{
		return fail(fault::refused, "must be a udp URL with a port, not \"{}\"", printable_uri(text));
	}
	return tracker_url(scheme + std::string(text.substr(scheme.size())));
}

} // namespace rawswarm
