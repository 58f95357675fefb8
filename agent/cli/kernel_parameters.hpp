// SPDX-License-Identifier: BSD-3-Clause
// What the kernel command line tells `rawswarm boot`: rd.rawswarm.NAME=VALUE, and BOOTIF.
//
//     job=URL|PATH       what starts it; without it there is nothing to do
//     key=PATH           the public key that the job must be signed with
//     log=LEVEL          as --log takes it
//     beacon=ADDRESS:PORT    where beacons go, repeatable
//     timeout=SECONDS    how long to wait for the network and the job's server; 0: as long as it takes
//     on_success=, on_failure=    as in a job, and before what the job says
//
// Pure. Of what stands there several times the last one counts, beacons aside. Quotes as the kernel reads
// them: between double quotes a blank is part of the value, be they around the value or the whole token.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "agent/net/endpoint.hpp"
#include "base/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// One token of the command line. value is empty when there was no equals sign.
struct kernel_parameter
{
	std::string name;
	std::optional<std::string> value;
};

std::vector<kernel_parameter> split_kernel_command_line(std::string_view text);

// Seed design: a switch port with spanning tree forwards after 30 s, and then comes DHCP.
inline constexpr std::chrono::seconds default_network_timeout{60};

struct kernel_parameters
{
	std::string job; // empty: not given
	std::string key;
	std::string log;
	std::vector<endpoint> beacons;
	std::chrono::seconds timeout = default_network_timeout;
	std::optional<end_action> on_success;
	std::optional<end_action> on_failure;
	std::string boot_mac; // of the interface that BOOTIF names, lower case, with colons; empty: none

	// The first mistake, fault::usage, "rd.rawswarm.NAME: …": an unknown name under rd.rawswarm., a value
	// that is missing or wrong. What was right is kept beside it: a mistake is told by the beacons, and
	// ends as on_failure says.
	std::optional<error> mistake;
};

kernel_parameters read_kernel_parameters(std::string_view command_line);

// BOOTIF's forms: 01-52-54-00-12-34-56, whose first number is the kind of hardware, or without that; with
// dashes or colons, in any case. Empty: it is none of these.
std::string mac_from_bootif(std::string_view value);

} // namespace rawswarm
