// SPDX-License-Identifier: BSD-3-Clause
// The form of addresses, host names and URLs: what a text is, without looking anything up. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// Digits alone, no leading zeros, at most 65535.
std::optional<std::uint16_t> parse_decimal(std::string_view text);

bool is_ipv4(std::string_view text); // four decimal numbers
bool is_ipv6(std::string_view text); // without brackets
bool is_ipv6_scoped(std::string_view text); // as fe80::1%eth0, or without a scope

// An IPv4 address or a host name. What ends in a number is no name.
bool is_host(std::string_view text);

struct host_port
{
	std::string_view host; // without its brackets; points into the text
	bool bracketed = false;
	std::uint16_t port = 0;
};

// HOST:PORT or [HOST]:PORT, with a HOST that is not empty and, without brackets, has no colon.
std::optional<host_port> split_host_port(std::string_view text);

// A split_host_port whose host is an address.
bool is_address_port(std::string_view text);

bool is_url_scheme(std::string_view text); // without the colon

// Begins with a scheme and "://".
bool has_url_scheme(std::string_view text);

// scheme://[USER@]HOST[:PORT] and then nothing, or a path, a query, a fragment; only characters that
// RFC 3986 has in URLs.
bool is_complete_url(std::string_view text);

bool url_has_user(std::string_view complete_url);
bool url_has_port(std::string_view complete_url);

} // namespace rawswarm
