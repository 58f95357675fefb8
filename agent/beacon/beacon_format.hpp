// SPDX-License-Identifier: BSD-3-Clause
// UDP beacons: a JSON datagram of at most 1,400 bytes that tells the room how far this machine is. There and
// back, without the mac (agent/beacon/beacon_mac.hpp). Pure.
#pragma once

#include "agent/progress/progress.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rawswarm
{

inline constexpr std::size_t max_beacon_bytes = 1400;

// The same for a whole run.
struct beacon_identity
{
	std::string job; // the manifest's name
	std::string agent; // this machine's MAC address
	std::string host; // host name
	std::string run; // 32 random hex digits, new for every start
};

// Not pure: random, or by clock and process where there is no randomness.
std::string make_run_id();

// One datagram, without the mac. Never longer than max_beacon_bytes less space for the mac: if it does not
// fit, all of "storage" but its first three keys is left out first, then the texts are cut, and then targets
// are left out from the end, with "targets_total" saying how many there are. Invalid UTF-8 is replaced, never
// thrown.
std::string encode_beacon(beacon_identity const& id, std::uint64_t seq, progress const& p);

struct received_beacon
{
	beacon_identity id;
	std::uint64_t seq = 0;
	progress p;
	std::size_t targets_total = 0; // how many targets there are; more than p.targets if some were left out
};

// The reverse of encode_beacon, for datagrams that anyone may have sent: unknown keys are ignored; a missing
// agent, run, seq or state, a wrong type, an unknown state or a number outside 0 to 2^53 is fault::refused.
// Does not look at the mac. Texts are as they came: clean_text() before they are shown.
result<received_beacon> decode_beacon(std::string_view datagram);

// {"version":1,"from":...,"beacon":{...}}, one line of ASCII without the newline. Empty if the datagram is
// not JSON.
std::string beacon_json_line(std::string_view from, std::string_view datagram);

} // namespace rawswarm
