// SPDX-License-Identifier: BSD-3-Clause
// What `rawswarm serve` is told. A value.
#pragma once

#include "agent/net/endpoint.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

enum class dnsmasq_mode
{
	none, // DHCP and TFTP are somebody else's
	proxy, // beside a DHCP server that is there: only what to boot
	full // gives addresses as well
};

struct serve_options
{
	std::string folder;
	// Port 0: one that is free. [::] takes IPv4 as well.
	endpoint listen{{boost::asio::ip::address_v6::any(), {}}, 80};
	std::vector<endpoint> seed_listen{
		{{boost::asio::ip::address_v4::any(), {}}, 6881}, {{boost::asio::ip::address_v6::any(), {}}, 6881}};
	endpoint beacons{{boost::asio::ip::address_v6::any(), {}}, 7700};
	std::optional<std::int64_t> memory; // bytes, of all images together; empty: auto
	std::vector<std::string> http_names; // further names of this machine
	std::string socket; // of `room`; empty: the usual place
	dnsmasq_mode dnsmasq = dnsmasq_mode::none;
	std::string interface; // of dnsmasq; empty: the only one that machines can be on
	std::string dhcp_range; // of full mode, FIRST,LAST; empty: the upper half of the interface's network
	bool secure_boot = false; // dnsmasq offers the shim in place of iPXE
	std::string dnsmasq_program = "dnsmasq";
	// Called once, when machines may come. For tests.
	std::function<void(std::uint16_t http, std::uint16_t beacons)> on_listening;
};

} // namespace rawswarm
