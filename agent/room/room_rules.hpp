// SPDX-License-Identifier: BSD-3-Clause
// What room.json says in several places for one machine, brought together. Pure.
//
// The machine's own goes before its groups', those before the image's, those before the room's. "job" and
// "target" are merged key by key (RFC 7396, so that null takes a key away); everything else is taken whole.
#pragma once

#include "agent/room/room.hpp"

#include <string>

namespace rawswarm
{

// Lays `over` onto `under`.
void lay_over(room_rules const& over, room_rules& under);

// The key, as a JSON pointer below either, of which two groups say different things; empty: none.
std::string conflict_of(room_rules const& a, room_rules const& b);

// The name of the image that a machine is to have; empty: it boots its own disk.
std::string image_of(room_description const& room, room_machine const& machine);

// All that is said for this machine and this image but `image`, which is image_of()'s.
room_rules rules_for(room_description const& room, room_machine const* machine, room_image const* image);

} // namespace rawswarm
