// SPDX-License-Identifier: BSD-3-Clause
// What a machine is to do at its next start. Pure.
#pragma once

#include "agent/room/boot_choice.hpp"
#include "agent/room/room.hpp"
#include "agent/room/room_state.hpp"

#include <string>

namespace rawswarm
{

struct room_decision
{
	boot_kind kind = boot_kind::own_disk;
	std::string image; // to write, or the name to capture under
	std::string trouble = {}; // why it is its own disk, although it was to have an image; one line
};

// A capture goes before an order, that before room.json's image, which is given once: until it is another one
// than the record is settled with. Nothing is ever written that neither a person nor room.json asked for: a
// machine that room.json does not name (null) gets an image only by an order. record: null: nothing is known
// of it.
room_decision decide(room_description const& room, room_machine const* machine, room_record const* record);

} // namespace rawswarm
