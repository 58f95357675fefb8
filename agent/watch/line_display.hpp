// SPDX-License-Identifier: BSD-3-Clause
// The room as lines: for a pipe, a file, a serial console, and who wants them. A line for each event worth a
// look, or with JSON one for each beacon.
#pragma once

#include "agent/watch/display.hpp"

#include <cstdio>
#include <string>

namespace rawswarm
{

// Writes each line at once. Errors: fault::internal.
result<void> print_line(std::FILE* out, std::string const& line);

class line_display final : public watch_display
{
public:
	// Both outlive it.
	line_display(watched_room const& room, std::FILE* out);

	result<void> show_beacon(beacon_arrival const& b) override;
	result<void> show_silent(fleet_agent const& agent) override;
	result<void> finish() override;

private:
	watched_room const& m_room;
	std::FILE* m_out;
};

// What is no beacon goes to the log.
class json_display final : public watch_display
{
public:
	json_display(watched_room const& room, std::FILE* out);

	result<void> show_beacon(beacon_arrival const& b) override;
	result<void> show_silent(fleet_agent const& agent) override;
	result<void> finish() override;

private:
	watched_room const& m_room;
	std::FILE* m_out;
};

} // namespace rawswarm
