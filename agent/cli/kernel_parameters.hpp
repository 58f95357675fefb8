// SPDX-License-Identifier: BSD-3-Clause
// Parses the parameters of `rawswarm boot` on the kernel command line: rd.rawswarm.NAME=VALUE, and BOOTIF.
//
//     job=URL|PATH       the job; without it there is nothing to do
//     key=PATH           the public key that the job must be signed with
//     serial_number=N    what the job's serial_number must be at least
//     log=LEVEL          as --log takes it
//     beacon=ADDRESS:PORT    where beacons go, repeatable
//     timeout=SECONDS    how long to wait for the network and the job's server; 0: as long as it takes
//     on_success=, on_failure=    as in a job; take precedence over the job
//     sandbox=on|off     off: every privilege is kept
//
// Pure. If a parameter is repeated the last value wins, except for beacon. Quotes are read as the kernel
// reads them: between double quotes a blank is part of the value, whether they enclose the value or the whole
// token.
#pragma once

#include "agent/log/log_levels.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/net/endpoint.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// One token of the command line. value is empty if it has no equals sign.
struct kernel_parameter
{
	std::string name;
	std::optional<std::string> value;
};

std::vector<kernel_parameter> split_kernel_command_line(std::string_view text);

// Initial value, not measured: a switch port with spanning tree forwards after 30 s, and DHCP follows.
inline constexpr std::chrono::seconds default_network_timeout{60};

struct kernel_parameters
{
	std::string job; // empty: not given
	std::string key;
	std::int64_t least_serial_number = 0; // 0: not given
	log::level_set log; // empty: not given
	std::vector<endpoint> beacons;
	std::chrono::seconds timeout = default_network_timeout;
	std::optional<end_action> on_success;
	std::optional<end_action> on_failure;
	bool sandbox = true; // false: the agent keeps all its privileges
	std::string boot_mac; // of the interface that BOOTIF names, lower case, with colons; empty: none

	// The first mistake, fault::usage, "rd.rawswarm.NAME: …": an unknown name under rd.rawswarm., a value
	// that is missing or wrong. Correct parameters are kept all the same: a mistake is reported by beacons
	// and ends with the action of on_failure.
	std::optional<error> mistake;
};

kernel_parameters read_kernel_parameters(std::string_view command_line);

// The MAC in a value of BOOTIF: 01-52-54-00-12-34-56, whose first number is the type of hardware, or without
// that number; with dashes or colons or neither, in any case. Of InfiniBand it has 20 octets, or the 8 of the
// port. Empty: the value has none of these forms.
std::string mac_from_bootif(std::string_view value);

} // namespace rawswarm
