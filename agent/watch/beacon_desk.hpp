// SPDX-License-Identifier: BSD-3-Clause
// Takes the datagrams of a room: what is a beacon, and what it says of which machine.
//
// One thread. Says in the log what a person should know of it, once.
#pragma once

#include "agent/watch/beacon_intake.hpp"
#include "agent/watch/fleet.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rawswarm
{

struct taken_beacon
{
	bool was_parsed = false; // which costs more than to refuse it at the first look
	bool is_beacon = false; // authentic and well-formed; it may still be an old one
	fleet_answer answer;
};

class beacon_desk
{
public:
	// key: empty: beacons need not be signed.
	beacon_desk(std::optional<std::string> key, fleet_settings const& settings);

	// Beacons from now on are to be signed with it, or need not be.
	void set_key(std::optional<std::string> key) { m_intake.set_key(std::move(key)); }

	// from: ADDRESS:PORT.
	taken_beacon take(std::string_view from, std::string_view datagram, fleet_clock::time_point at);

	fleet& machines() { return m_fleet; }
	fleet const& machines() const { return m_fleet; }
	watch_counts const& counts() const { return m_intake.counts(); }

private:
	void tell(fleet_answer const& answer);

	beacon_intake m_intake;
	fleet m_fleet;
	bool m_said_full = false;
	bool m_said_rival = false;
};

} // namespace rawswarm
