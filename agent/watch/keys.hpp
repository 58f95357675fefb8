// SPDX-License-Identifier: BSD-3-Clause
// Bytes from a terminal's keyboard as keys. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

enum class key_kind
{
	character, // `text` is one, printable
	up,
	down,
	page_up,
	page_down,
	home,
	end,
	enter,
	escape,
	backspace,
};

struct key
{
	key_kind kind = key_kind::character;
	std::string text{};

	bool operator==(key const&) const = default;
};

// What was read at once: an escape sequence comes whole, and an ESC with nothing behind it is the key of that
// name. Other control characters and unknown sequences are skipped.
std::vector<key> keys_from(std::string_view bytes);

} // namespace rawswarm
