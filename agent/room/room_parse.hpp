// SPDX-License-Identifier: BSD-3-Clause
// room.json as it is written, before groups and machines are brought together (room_members.hpp). Values;
// reading is pure.
#pragma once

#include "agent/manifest/json_location.hpp"
#include "agent/room/room.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

inline constexpr std::size_t max_room_bytes = std::size_t(4) * 1024 * 1024; // 10,000 machines with all names

struct room_group_text
{
	std::vector<std::string> members;
	room_rules rules;
};

struct room_text
{
	std::string name; // empty: not given
	room_rules rules;
	std::map<std::string, room_image> images;
	std::map<std::string, room_group_text> groups;
	std::map<std::string, room_machine> machines;
	std::string key_file;
	std::string swarm_key_file;
	std::string job_key;
};

// fault::refused, with the place.
result<room_text> read_room_text(std::string_view text, json_location const& root);

} // namespace rawswarm
