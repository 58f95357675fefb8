// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/decision.hpp"

#include "agent/room/room_rules.hpp"

#include <fmt/format.h>

namespace rawswarm
{

namespace
{

room_decision decide_on(room_description const& room, std::string const& name)
{
	auto const* const image = room.image(name);
	if (image == nullptr)
	{
		return {.image = name, .trouble = fmt::format("there is no image {} any more", name)};
	}
	if (!image->error.empty())
	{
		return {.image = name, .trouble = image->error};
	}
	return {.kind = boot_kind::image, .image = name};
}

} // namespace

room_decision decide(
	room_description const& room, room_machine const* const machine, room_record const* const record)
{
	if (record != nullptr && !record->capture.empty())
	{
		return {.kind = boot_kind::capture, .image = record->capture};
	}
	if (record != nullptr && !record->order.empty())
	{
		return decide_on(room, record->order);
	}
	auto const wanted = machine == nullptr ? std::string() : image_of(room, *machine);
	if (wanted.empty() || (record != nullptr && record->settled == wanted))
	{
		return {};
	}
	return decide_on(room, wanted);
}

} // namespace rawswarm
