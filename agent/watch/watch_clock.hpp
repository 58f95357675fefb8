// SPDX-License-Identifier: BSD-3-Clause
// The time of a watch: now, or that of a recording, which may run faster or slower.
//
// One thread.
#pragma once

#include "agent/watch/fleet.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace rawswarm
{

class watch_clock
{
public:
	// This machine's.
	watch_clock() = default;

	// Of a recording that begins now. began_ms: what the clock said then, milliseconds from 1970.
	static watch_clock replaying(double speed, std::int64_t began_ms);

	fleet_clock::time_point now() const;

	// Of a recording: when the datagram that is so far from its beginning arrived; and how long it is until
	// then. The time is never before that from then on.
	fleet_clock::time_point at(std::chrono::milliseconds elapsed) const;
	std::chrono::nanoseconds until(std::chrono::milliseconds elapsed) const;
	void advance_to(std::chrono::milliseconds elapsed);

	// Of a recording: the time is never behind that until this is called again. So whoever cannot keep up
	// with the speed does not take for silent what is only not read yet.
	void hold_at(std::chrono::milliseconds elapsed);

	// HH:MM:SS, local.
	std::string text() const;

private:
	fleet_clock::time_point m_began = fleet_clock::now();
	std::optional<double> m_speed; // empty: this machine's
	std::int64_t m_began_ms = 0;
	std::chrono::milliseconds m_reached{0};
	std::optional<std::chrono::milliseconds> m_held_at;
};

} // namespace rawswarm
