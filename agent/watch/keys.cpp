// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/keys.hpp"

#include "base/clean_text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace rawswarm
{

namespace
{

constexpr char escape = '\x1b';

struct sequence
{
	std::string_view bytes; // behind ESC
	key_kind kind;
};

// Of xterm and those that follow it, the console of Linux, rxvt and screen.
constexpr std::array<sequence, 18> sequences{
	{{"[A", key_kind::up}, {"OA", key_kind::up}, {"[B", key_kind::down}, {"OB", key_kind::down},
		{"[5~", key_kind::page_up}, {"[6~", key_kind::page_down}, {"[H", key_kind::home},
		{"OH", key_kind::home}, {"[1~", key_kind::home}, {"[7~", key_kind::home}, {"[F", key_kind::end},
		{"OF", key_kind::end}, {"[4~", key_kind::end}, {"[8~", key_kind::end}, {"[1;5A", key_kind::page_up},
		{"[1;5B", key_kind::page_down}, {"[1;5H", key_kind::home}, {"[1;5F", key_kind::end}}};

// The bytes of a sequence behind ESC: of CSI up to its final byte, of SS3 one letter, else one character.
std::size_t sequence_size(std::string_view const after)
{
	if (after.starts_with('['))
	{
		auto const last = std::ranges::find_if(after.substr(1), [](char c) { return c >= '@' && c <= '~'; });
		return std::min<std::size_t>(static_cast<std::size_t>(last - after.begin()) + 1, after.size());
	}
	return std::min<std::size_t>(after.starts_with('O') ? 2 : 1, after.size());
}

std::size_t character_size(std::string_view const bytes)
{
	auto const next = std::find_if(bytes.begin() + 1, bytes.end(),
		[](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; });
	return static_cast<std::size_t>(next - bytes.begin());
}

std::optional<key> key_of(std::string_view const character)
{
	switch (character.front())
	{
	case '\r':
	case '\n': return key{key_kind::enter};
	case '\b':
	case '\x7f': return key{key_kind::backspace};
	default: break;
	}
	auto const is_printable =
		static_cast<unsigned char>(character.front()) >= 0x20 && clean_text(character) == character;
	return is_printable ? std::optional(key{key_kind::character, std::string(character)}) : std::nullopt;
}

} // namespace

std::vector<key> keys_from(std::string_view bytes)
{
	std::vector<key> keys;
	while (!bytes.empty())
	{
		if (bytes.front() != escape)
		{
			auto const size = character_size(bytes);
			if (auto k = key_of(bytes.substr(0, size)))
			{
				keys.push_back(std::move(*k));
			}
			bytes.remove_prefix(size);
			continue;
		}
		bytes.remove_prefix(1);
		if (bytes.empty() || bytes.front() == escape)
		{
			keys.push_back({key_kind::escape});
			continue;
		}
		auto const size = sequence_size(bytes);
		auto const known =
			std::ranges::find(sequences, bytes.substr(0, size), [](sequence const& s) { return s.bytes; });
		if (known != sequences.end())
		{
			keys.push_back({known->kind});
		}
		bytes.remove_prefix(size);
	}
	return keys;
}

} // namespace rawswarm
