// SPDX-License-Identifier: BSD-3-Clause
// A host, by name or address, and a port: HOST:PORT, or [ADDRESS]:PORT for IPv6.
//
// A value type. Parsing is pure; names are looked up by lookup_host() (agent/net/name_lookup.hpp), which
// takes addresses as well.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rawswarm
{

struct host_port
{
	std::string host; // an IPv6 address without its brackets, with the scope that it may have
	std::uint16_t port = 0;

	bool operator==(host_port const&) const = default;
};

// The port is 1 at least. fault::refused; the error's text is the reason alone.
result<host_port> parse_host_port(std::string_view text);

std::string to_string(host_port const& h);

} // namespace rawswarm
