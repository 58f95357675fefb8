// SPDX-License-Identifier: BSD-3-Clause
// The form of addresses, host names and ports. Pure: nothing is looked up.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// Digits alone, no leading zeros, at most 65535.
std::optional<std::uint16_t> parse_port(std::string_view text);

// Four decimal numbers.
std::optional<boost::asio::ip::address_v4> parse_ipv4(std::string_view text);

// Without brackets and without a scope.
std::optional<boost::asio::ip::address_v6> parse_ipv6(std::string_view text);

// An address of either family; of IPv6 with the scope, as in fe80::1%eth0, that it may have.
struct scoped_address
{
	boost::asio::ip::address address; // without its scope
	std::string scope; // the name or number of an interface; empty: none

	bool operator==(scoped_address const&) const = default;
};

std::optional<scoped_address> parse_scoped_ipv6(std::string_view text);

std::string to_string(scoped_address const& a);

// The address as the system takes it: the scope becomes the number that its interface has now, or 0 if there
// is no such interface. Not pure: it asks the kernel.
boost::asio::ip::address to_asio(scoped_address const& a);

// An IPv4 address that IPv6 writes is the IPv4 address, and there is no scope, which names an interface of
// one end alone.
boost::asio::ip::address plain_address(boost::asio::ip::address const& a);

// Whom one machine can be: of IPv6 its /64, of which it may have every address. In a network whose machines
// make their addresses themselves that is all of them.
boost::asio::ip::address machine_of(boost::asio::ip::address const& plain);

// A name that DNS can have (RFC 1123; underscores as well, which some machines' names have). A text whose
// last label is a number is no name.
bool is_host_name(std::string_view text);

// HOST:PORT in its parts, for the parsers of this folder: only the brackets are looked at.
struct host_and_rest
{
	std::string_view host; // without its brackets; otherwise up to the first colon
	bool bracketed = false;
	std::string_view rest; // what follows the host; of a valid text a colon and the port, or nothing
};

// Empty if a bracket is not closed.
std::optional<host_and_rest> split_host(std::string_view text);

// HOST:PORT, with brackets around a host that has colons.
std::string join_host_port(std::string_view host, std::uint16_t port);

} // namespace rawswarm
