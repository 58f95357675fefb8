// SPDX-License-Identifier: BSD-3-Clause
// Groups and machines of a room.json, brought together. Pure.
#pragma once

#include "agent/room/room_parse.hpp"

#include <map>
#include <string>

namespace rawswarm
{

// A member of a group is a machine's name, a hardware address, a UUID, or "serial:" and a serial number; what
// names none of the machines is a machine of its own, under that name. fault::refused: two machines with one
// address, serial number or UUID, a name that no machine has, a name of a machine and of a group, two groups
// of one machine that say different things.
result<room_description> join_members(room_text text, json_location const& root);

// Whether each image that room.json names is there. fault::refused, with the place.
result<void> check_images_exist(
	room_text const& text, std::map<std::string, room_image> const& images, json_location const& root);

} // namespace rawswarm
