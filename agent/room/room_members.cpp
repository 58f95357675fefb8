// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_members.hpp"

#include "agent/room/room_rules.hpp"
#include "base/canonical_text.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::string_view serial_prefix = "serial:";

// What tells machines apart, and who has which value.
class known_values
{
public:
	struct kind
	{
		std::string room_machine::*value;
		char const* key;
	};

	static constexpr kind kinds[] = {
		{&room_machine::mac, "mac"}, {&room_machine::serial, "serial"}, {&room_machine::uuid, "uuid"}};

	result<void> add(room_machine const& machine, json_location const& at)
	{
		for (auto const& k : kinds)
		{
			auto const& value = machine.*k.value;
			if (value.empty())
			{
				continue;
			}
			auto const [place, is_new] = m_owners.try_emplace(std::pair(k.key, value), machine.name);
			if (!is_new)
			{
				return at.member(k.key).refuse("{} has it as well", place->second);
			}
		}
		return success();
	}

	// Null: nobody has it.
	std::string const* owner(char const* key, std::string const& value) const
	{
		auto const found = m_owners.find(std::pair(key, value));
		return found == m_owners.end() ? nullptr : &found->second;
	}

private:
	std::map<std::pair<std::string, std::string>, std::string> m_owners; // key and value, and the machine
};

// A machine of a group that stands nowhere else. Name empty: the text is none of the forms.
room_machine machine_of(std::string const& member)
{
	room_machine machine;
	if (auto const mac = parse_mac(member))
	{
		machine.mac = machine.name = *mac;
	}
	else if (auto const uuid = canonical_uuid(member))
	{
		machine.uuid = machine.name = *uuid;
	}
	else if (member.starts_with(serial_prefix) && member.size() > serial_prefix.size())
	{
		machine.serial = member.substr(serial_prefix.size());
		machine.name = member;
	}
	return machine;
}

// The machine that a member of a group is, which is made if need be. Null: there is none.
room_machine* find_or_make(std::string const& member, room_description& room, known_values& known)
{
	if (auto const named = room.machines.find(member); named != room.machines.end())
	{
		return &named->second;
	}
	auto machine = machine_of(member);
	if (machine.name.empty())
	{
		return nullptr;
	}
	for (auto const& k : known_values::kinds)
	{
		if (auto const* const owner = known.owner(k.key, machine.*k.value))
		{
			return &room.machines.find(*owner)->second;
		}
	}
	(void)known.add(machine, json_location::in_document("room.json"));
	auto name = machine.name;
	return &room.machines.emplace(std::move(name), std::move(machine)).first->second;
}

// What groups say, before the machine's own is laid over it.
using group_rules = std::map<std::string, room_rules>;

result<void> join_group(std::string const& name, room_group_text const& group, json_location const& at,
	room_description& room, known_values& known, group_rules& said,
	std::map<std::string, room_group_text> const& groups)
{
	auto const members = at.member("machines");
	for (std::size_t i = 0; i < group.members.size(); ++i)
	{
		auto* const machine = find_or_make(group.members[i], room, known);
		if (machine == nullptr)
		{
			return members.element(i).refuse(
				"no machine has this name, and it is no hardware address, UUID or "
				"serial:NUMBER");
		}
		if (std::ranges::find(machine->groups, name) != machine->groups.end())
		{
			return members.element(i).refuse("the machine stands in this group twice");
		}
		for (auto const& other : machine->groups)
		{
			if (auto const key = conflict_of(groups.at(other).rules, group.rules); !key.empty())
			{
				return at.refuse("{} is of {}, too, and the two say different things for {}", machine->name,
					other, key.substr(1));
			}
		}
		machine->groups.push_back(name);
		room.groups[name].push_back(machine->name);
		lay_over(group.rules, said[machine->name]);
	}
	return success();
}

result<void> check_image(std::optional<std::string> const& image,
	std::map<std::string, room_image> const& images, json_location const& at)
{
	if (image && !image->empty() && !images.contains(*image))
	{
		return at.member("image").refuse("there is no images/{}.torrent", *image);
	}
	return success();
}

} // namespace

result<room_description> join_members(room_text text, json_location const& root)
{
	room_description room;
	room.name = std::move(text.name);
	room.rules = std::move(text.rules);
	room.images = std::move(text.images);
	room.machines = std::move(text.machines);
	room.key_file = std::move(text.key_file);
	room.swarm_key_file = std::move(text.swarm_key_file);
	room.job_key = std::move(text.job_key);

	known_values known;
	for (auto const& [name, machine] : room.machines)
	{
		BOOST_OUTCOME_TRYV(known.add(machine, root.member("machines").member(name)));
	}
	group_rules said;
	for (auto const& [name, group] : text.groups)
	{
		auto const at = root.member("groups").member(name);
		if (room.machines.contains(name))
		{
			return at.refuse("a machine has this name");
		}
		room.groups[name];
		BOOST_OUTCOME_TRYV(join_group(name, group, at, room, known, said, text.groups));
	}
	for (auto& [name, rules] : said)
	{
		auto& machine = room.machines.find(name)->second;
		lay_over(machine.rules, rules);
		machine.rules = std::move(rules);
	}
	return room;
}

result<void> check_images_exist(
	room_text const& text, std::map<std::string, room_image> const& images, json_location const& root)
{
	BOOST_OUTCOME_TRYV(check_image(text.rules.image, images, root));
	for (auto const& [name, group] : text.groups)
	{
		BOOST_OUTCOME_TRYV(check_image(group.rules.image, images, root.member("groups").member(name)));
	}
	for (auto const& [name, machine] : text.machines)
	{
		BOOST_OUTCOME_TRYV(check_image(machine.rules.image, images, root.member("machines").member(name)));
	}
	return success();
}

} // namespace rawswarm
