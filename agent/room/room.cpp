// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room.hpp"

#include "agent/net/wake_on_lan.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace rawswarm
{

namespace
{

constexpr std::size_t max_name_bytes = 63;

} // namespace

std::optional<std::string> parse_mac(std::string_view const text)
{
	auto const mac = parse_mac_address(text);
	return mac ? std::optional(fmt::format("{:02x}", fmt::join(*mac, ":"))) : std::nullopt;
}

bool is_room_name(std::string_view const text)
{
	// Neither a hidden file's nor an option's.
	return !text.empty() && text.size() <= max_name_bytes && text != "all" && text.front() != '.'
		&& text.front() != '-' && std::ranges::all_of(text, [](char c) {
			   return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
		   });
}

room_machine const* room_description::find(room_identity const& who) const
{
	auto const with = [&](std::string room_machine::*key, std::string const& value) -> room_machine const* {
		if (value.empty())
		{
			return nullptr;
		}
		auto const found =
			std::ranges::find_if(machines, [&](auto const& m) { return m.second.*key == value; });
		return found == machines.end() ? nullptr : &found->second;
	};
	if (auto const* const machine = with(&room_machine::mac, who.mac))
	{
		return machine;
	}
	if (auto const* const machine = with(&room_machine::uuid, who.uuid))
	{
		return machine;
	}
	return with(&room_machine::serial, who.serial);
}

room_image const* room_description::image(std::string_view const called) const
{
	auto const found = images.find(std::string(called));
	return found == images.end() ? nullptr : &found->second;
}

} // namespace rawswarm
