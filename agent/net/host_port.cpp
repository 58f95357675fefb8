// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/host_port.hpp"

#include "agent/net/address.hpp"
#include "base/clean_text.hpp"

namespace rawswarm
{

result<host_port> parse_host_port(std::string_view text)
{
	auto const parts = split_host(text);
	auto const is_host = parts
		&& (parts->bracketed ? parse_scoped_ipv6(parts->host).has_value()
							 : parse_ipv4(parts->host).has_value() || is_host_name(parts->host));
	auto const parsed =
		is_host && parts->rest.starts_with(':') ? parse_port(parts->rest.substr(1)) : std::nullopt;
	auto const port = parsed.value_or(0); // which is none
	if (port == 0)
	{
		return fail(fault::refused, "must be HOST:PORT or [ADDRESS]:PORT, not \"{}\"{}", printable(text),
			parts && parts->host.empty() && parts->rest.starts_with(':') ? ", which names no host" : "");
	}
	return host_port{std::string(parts->host), port};
}

std::string to_string(host_port const& h)
{
	return join_host_port(h.host, h.port);
}

} // namespace rawswarm
