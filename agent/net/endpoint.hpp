// SPDX-License-Identifier: BSD-3-Clause
// An address and a port, as a job or a flag writes them: ADDRESS:PORT, or [ADDRESS]:PORT for IPv6.
//
// Value types. Parsing is pure: names are refused, and the interface that an IPv6 address may name
// ([fe80::1%eth0]:7700) is kept by name, as it may appear only after the job was read. The text of an error
// is the reason alone; the caller says where the value stands.
#pragma once

#include "agent/net/address.hpp"
#include "base/result.hpp"

#include <boost/asio/ip/basic_endpoint.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

struct endpoint
{
	scoped_address address;
	std::uint16_t port = 0;

	bool operator==(endpoint const&) const = default;
};

// Port 0 leaves the choice to the system, where something listens. fault::refused.
result<endpoint> parse_endpoint(std::string_view text);

// Where one socket listens: the same, or :PORT for [::]:PORT, which takes IPv4 as well. fault::refused.
result<endpoint> parse_listener(std::string_view text);

// Where several listen: the same, but :PORT is every address of IPv4 and every one of IPv6. fault::refused.
result<std::vector<endpoint>> parse_listeners(std::string_view text);

// Where to send: the port is 1 at least. fault::refused.
result<endpoint> parse_destination(std::string_view text);

// 10.0.0.1:7700, [fe80::1%eth0]:7700.
std::string to_string(endpoint const& e);

// The same of each, separated by commas.
std::string to_string(std::vector<endpoint> const& list);

// Looks the interface up (to_asio in agent/net/address.hpp).
boost::asio::ip::udp::endpoint to_udp(endpoint const& e);

// The same text for an endpoint that the system gave.
template <class Protocol>
std::string format_endpoint(boost::asio::ip::basic_endpoint<Protocol> const& e)
{
	return join_host_port(e.address().to_string(), e.port());
}

// The address of a multicast group, without a port. fault::refused.
result<scoped_address> parse_multicast_group(std::string_view text);

} // namespace rawswarm
