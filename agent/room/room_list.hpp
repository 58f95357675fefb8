// SPDX-License-Identifier: BSD-3-Clause
// A room as JSON, for `room list` and the page. Pure.
#pragma once

#include "agent/room/machine_names.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace rawswarm
{

// What room_book::list() says. room_error: of a room.json that is wrong now; empty: none.
nlohmann::ordered_json list_room(
	room_description const& room, room_records const& records, std::string const& room_error);

} // namespace rawswarm
