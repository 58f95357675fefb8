// SPDX-License-Identifier: BSD-3-Clause
// `room list` for a person: a table of the room's machines, those last that room.json does not name. Pure,
// but for the time zone. Safe to print.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace rawswarm
{

// list: as room_requests::list() makes it. What is missing or of another type is shown as "-".
std::string room_table(nlohmann::ordered_json const& list);

// One sentence about an order that was carried out, with its newline.
std::string order_text(nlohmann::ordered_json const& answer);

} // namespace rawswarm
