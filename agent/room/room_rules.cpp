// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_rules.hpp"

namespace rawswarm
{

namespace
{

using nlohmann::json;

// The first key that both have with different values.
std::string differing_key(json const& a, json const& b)
{
	for (auto const& item : a.items())
	{
		if (auto const found = b.find(item.key()); found != b.end() && *found != item.value())
		{
			return item.key();
		}
	}
	return {};
}

// As RFC 7396 merges, but a null stays, to take away what is said further below. As deep as parse_json() lets
// a document be.
void lay_keys_over(json const& over, json& under) // NOLINT(misc-no-recursion)
{
	for (auto const& item : over.items())
	{
		auto& slot = under[item.key()];
		if (item.value().is_object() && slot.is_object())
		{
			lay_keys_over(item.value(), slot);
		}
		else
		{
			slot = item.value();
		}
	}
}

json without_nulls(json const& object)
{
	auto out = json::object();
	out.merge_patch(object);
	return out;
}

} // namespace

void lay_over(room_rules const& over, room_rules& under)
{
	if (over.image)
	{
		under.image = over.image;
	}
	if (!over.device.is_null())
	{
		under.device = over.device;
	}
	if (over.append)
	{
		under.append = over.append;
	}
	lay_keys_over(over.job, under.job);
	lay_keys_over(over.target, under.target);
}

std::string conflict_of(room_rules const& a, room_rules const& b)
{
	if (a.image && b.image && *a.image != *b.image)
	{
		return "/image";
	}
	if (!a.device.is_null() && !b.device.is_null() && a.device != b.device)
	{
		return "/device";
	}
	if (a.append && b.append && *a.append != *b.append)
	{
		return "/append";
	}
	if (auto const key = differing_key(a.job, b.job); !key.empty())
	{
		return "/job/" + key;
	}
	auto const key = differing_key(a.target, b.target);
	return key.empty() ? key : "/target/" + key;
}

std::string image_of(room_description const& room, room_machine const& machine)
{
	return machine.rules.image.value_or(room.rules.image.value_or(""));
}

room_rules rules_for(
	room_description const& room, room_machine const* const machine, room_image const* const image)
{
	room_rules rules;
	lay_over(room.rules, rules);
	if (image != nullptr)
	{
		room_rules of_image;
		of_image.device = image->device;
		of_image.target = image->target;
		lay_over(of_image, rules);
	}
	if (machine != nullptr)
	{
		lay_over(machine->rules, rules);
	}
	rules.job = without_nulls(rules.job);
	rules.target = without_nulls(rules.target);
	return rules;
}

} // namespace rawswarm
