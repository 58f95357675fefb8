// SPDX-License-Identifier: BSD-3-Clause
// An image of a room's server as displays show it. A value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm
{

enum class image_activity
{
	idle, // nobody wants it
	opening,
	serving,
	fetching, // from the machine that it is captured from
	failed // opened again when it is wanted again
};

// Bytes, and bytes per second.
struct image_status
{
	std::string name;
	std::string info_hash; // 40 hex digits; empty: not known yet
	image_activity activity = image_activity::idle;
	bool is_listed =
		true; // no: it is no longer an image of the room, and served as long as somebody needs it
	int peers = 0;
	int needy_peers = 0; // of them: without the whole image
	std::int64_t total = 0;
	std::int64_t done = 0; // of a fetch
	std::int64_t up = 0;
	std::int64_t down = 0;
	std::int64_t uploaded = 0; // since it was opened
	std::string error; // of the last time that it was opened, or of the piece that differs; empty: none
	std::vector<std::string> notes; // what a person should know although it is no error
};

} // namespace rawswarm
