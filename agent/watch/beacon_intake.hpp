// SPDX-License-Identifier: BSD-3-Clause
// What of the datagrams that arrive is a beacon: authentic, if a key is known, and well-formed.
//
// One thread. Says the first that is not signed in the log; counts the others.
#pragma once

#include "agent/beacon/beacon_format.hpp"
#include "agent/watch/watch_counts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rawswarm
{

class beacon_intake
{
public:
	// key: empty: beacons need not be signed.
	explicit beacon_intake(std::optional<std::string> key);

	void set_key(std::optional<std::string> key) { m_key = std::move(key); }
	std::optional<std::string> const& key() const { return m_key; }

	// The first look, which costs little. from: ADDRESS:PORT, for the log. False: not shown, and counted.
	bool may_be_shown(std::string_view from, std::string_view datagram);

	// The second. Empty: no beacon, and counted.
	std::optional<received_beacon> decode(std::string_view from, std::string_view datagram);

	void count_accepted() { ++m_counts.accepted; }
	void count_outdated() { ++m_counts.outdated; }
	void count_unproven() { ++m_counts.unproven; }
	watch_counts const& counts() const { return m_counts; }

private:
	std::optional<std::string> m_key;
	watch_counts m_counts;
};

} // namespace rawswarm
