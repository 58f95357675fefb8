// SPDX-License-Identifier: BSD-3-Clause
// Takes the datagrams of a room: what is a beacon, and what it says of which machine.
//
// Signed beacons of a run that has not proved to be of now are not taken: who sent them is asked
// (run_proof.hpp).
//
// One thread. Says in the log what a person should know of it, once.
#pragma once

#include "agent/watch/beacon_intake.hpp"
#include "agent/watch/fleet.hpp"
#include "agent/watch/run_proof.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rawswarm
{

struct taken_beacon
{
	bool was_parsed = false; // which costs more than to refuse it at the first look
	bool is_beacon = false; // authentic, of now and well-formed; it may still be an old one
	fleet_answer answer;
	std::string question; // not empty: to be sent to who sent the datagram
};

// Whether signed beacons are to prove that they are of now.
enum class beacon_time
{
	now,
	any, // they were recorded
};

class beacon_desk
{
public:
	// key: empty: beacons need not be signed, and nobody is asked for a proof.
	beacon_desk(std::optional<std::string> key, beacon_time time, fleet_settings const& settings);

	// Beacons from now on are to be signed with it, or need not be.
	void set_key(std::optional<std::string> key);

	// from: ADDRESS:PORT.
	taken_beacon take(std::string_view from, std::string_view datagram, fleet_clock::time_point at);

	fleet& machines() { return m_fleet; }
	fleet const& machines() const { return m_fleet; }
	watch_counts const& counts() const { return m_intake.counts(); }

private:
	void tell(fleet_answer const& answer);
	bool is_of_now(received_beacon const& beacon, fleet_clock::time_point at);
	std::string ask(std::string_view from, received_beacon const& beacon, fleet_clock::time_point at);

	beacon_time m_time;
	std::optional<run_proof> m_proof; // none: beacons need none
	beacon_intake m_intake;
	fleet m_fleet;
	bool m_said_full = false;
	bool m_said_rival = false;
};

} // namespace rawswarm
