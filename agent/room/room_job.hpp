// SPDX-License-Identifier: BSD-3-Clause
// The job of one machine of a room. Pure.
#pragma once

#include "agent/room/room.hpp"
#include "agent/room/server_address.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rawswarm
{

// Who gets it. machine: null for one that room.json does not name.
struct job_recipient
{
	room_machine const* machine = nullptr;
	std::string name; // the machine's, or its hardware address
	std::string mac; // the hardware address that it asks by: the job is for that machine alone
	std::string token; // of its report
};

// ROOM/MACHINE/IMAGE: the job's name, by which beacons tell it.
std::string room_job_name(room_description const& room, std::string_view machine, std::string_view image);

// JSON that parse_manifest() takes: the image's torrent from this server, its seeder and tracker, its beacons
// and reports, and over it what room.json says. Without a device the only disk of the machine is meant;
// without on_success the machine restarts.
std::string room_job_text(room_description const& room, room_image const& image,
	job_recipient const& recipient, server_address const& server);

// The job that sends the machine's disk here, as images/NAME.
std::string capture_job_text(room_description const& room, std::string_view name,
	job_recipient const& recipient, server_address const& server);

// Whether parse_manifest() takes the job that the machine would get.
result<void> check_room_job(
	room_description const& room, room_machine const& machine, room_image const& image);

} // namespace rawswarm
