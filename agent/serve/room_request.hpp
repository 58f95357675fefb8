// SPDX-License-Identifier: BSD-3-Clause
// What is asked of a room, as its Unix socket and its page take it (docs/spec.md, "The room's orders"). Pure.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rawswarm
{

inline constexpr std::size_t max_room_request_bytes = std::size_t(64) * 1024;

enum class room_verb
{
	list,
	image,
	cancel,
	wake,
	forget,
	capture,
};

struct room_request
{
	room_verb verb = room_verb::list;
	std::string machines; // names, hardware addresses, groups, "all", separated by commas; of all but `list`
	std::string image; // of `image`: its name; of `capture`: the name of what will be one
	bool now = false; // of these: the machines are woken at once

	friend bool operator==(room_request const&, room_request const&) = default;
};

char const* to_string(room_verb verb) noexcept;

// Empty list of machines, unknown keys and missing ones: fault::refused, with the JSON pointer.
result<room_request> parse_room_request(std::string_view text);

std::string room_request_as_json(room_request const& request);

} // namespace rawswarm
