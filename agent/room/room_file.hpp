// SPDX-License-Identifier: BSD-3-Clause
// Reads a room's folder: room.json, strictly, and the torrents and images in images/.
//
//     ROOM/room.json   version 1; agent/room/room.schema.json says the same, docs/spec.md describes it
//     ROOM/images/     NAME.torrent, and beside it NAME.zst, NAME.img or NAME
//     ROOM/boot/       what machines start; ROOM/state/ the program's own
//
// Nothing is written. Blocks while it reads torrents; any thread.
#pragma once

#include "agent/room/room.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rawswarm
{

// The whole. fault::refused for a room.json that is wrong, with its place as a JSON pointer: an unknown key,
// two machines of one name or address, an image that there is none of, a job that parse_manifest() refuses.
// An image that is not good is no error: it has one of its own.
result<room_description> read_room(std::string const& folder);

// room.json alone, without images. name: for messages.
result<room_description> parse_room(std::string_view text, std::string_view name);

} // namespace rawswarm
