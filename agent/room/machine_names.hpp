// SPDX-License-Identifier: BSD-3-Clause
// What a person means by MACHINES: names, hardware addresses, groups and `all`, separated by commas. Pure.
#pragma once

#include "agent/room/room.hpp"
#include "agent/room/room_state.hpp"
#include "base/result.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

using room_records = std::map<std::string, room_record>;

// The machine of room.json that a record is of. Null: none.
room_machine const* machine_of(
	room_description const& room, std::string const& mac, room_record const& record);

// The hardware address of a machine of room.json: its own, or that by which it was seen. Empty: not known
// yet.
std::string mac_of(room_description const& room, room_records const& records, room_machine const& machine);

// Hardware addresses, each once, in the order in which they are named. fault::usage: a word that names
// nothing; fault::refused: a machine whose hardware address is not known yet, as room.json does not say it
// and it was not seen (those of a group or of `all` are passed over).
result<std::vector<std::string>> resolve_machines(
	room_description const& room, room_records const& records, std::string_view text);

} // namespace rawswarm
