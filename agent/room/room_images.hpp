// SPDX-License-Identifier: BSD-3-Clause
// The images of a room: the torrents in ROOM/images and what lies beside them.
//
// An image is found by its torrent, NAME.torrent, and its data beside it: NAME.zst, NAME.img or NAME, the
// first that there is. room.json may say otherwise. Blocks while it reads the torrents; any thread.
#pragma once

#include "agent/room/room.hpp"
#include "base/result.hpp"

#include <map>
#include <string>

namespace rawswarm
{

inline constexpr std::size_t max_room_images =
	1000; // initial value, not measured: a folder that people look after

// said: what room.json has for some of them. All that are there or said, by name; what is wrong with one
// stands in its `error`. fault::refused: the folder cannot be read, or has too many.
result<std::map<std::string, room_image>> find_images(
	std::string const& folder, std::map<std::string, room_image> const& said);

} // namespace rawswarm
