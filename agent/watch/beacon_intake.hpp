// SPDX-License-Identifier: BSD-3-Clause
// What of the datagrams that arrive is a beacon: authentic, if a key is known, and well-formed.
//
// One thread. Says the first that is not signed in the log; counts the others.
#pragma once

#include "agent/beacon/beacon_format.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// Datagrams that are not shown.
struct intake_counts
{
	std::uint64_t malformed = 0;
	std::uint64_t forged = 0; // not signed with the key
	std::uint64_t old = 0; // late, repeated, of an older run, or of an agent for which there is no room
};

class beacon_intake
{
public:
	// key: empty: beacons need not be signed.
	explicit beacon_intake(std::optional<std::string> key);

	// The first look, which costs little. from: ADDRESS:PORT, for the log. False: not shown, and counted.
	bool may_be_shown(std::string_view from, std::string_view datagram);

	// The second. Empty: no beacon, and counted.
	std::optional<received_beacon> decode(std::string_view from, std::string_view datagram);

	void count_old() { ++m_counts.old; }
	intake_counts const& counts() const { return m_counts; }

private:
	std::optional<std::string> m_key;
	intake_counts m_counts;
};

} // namespace rawswarm
