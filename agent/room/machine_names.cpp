// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/machine_names.hpp"

#include "base/clean_text.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace rawswarm
{

namespace
{

// MACHINES, word by word.
class resolver
{
public:
	resolver(room_description const& room, room_records const& records)
		: m_room(room)
		, m_records(records)
	{}

	result<void> add(std::string_view word);
	std::vector<std::string> take() { return std::move(m_macs); }

private:
	void add_mac(std::string const& mac);
	void add_each(std::vector<std::string> const& names);

	std::string address_of(room_machine const& machine);

	room_description const& m_room;
	room_records const& m_records;
	// Of the machines that were seen; made once it is needed, as it takes a look at each record.
	std::optional<std::map<room_machine const*, std::string>> m_seen;
	std::vector<std::string> m_macs;
};

// As mac_of(), for many.
std::string resolver::address_of(room_machine const& machine)
{
	if (!machine.mac.empty())
	{
		return machine.mac;
	}
	if (!m_seen)
	{
		m_seen.emplace();
		for (auto const& [mac, record] : m_records)
		{
			m_seen->try_emplace(machine_of(m_room, mac, record), mac);
		}
	}
	auto const found = m_seen->find(&machine);
	return found == m_seen->end() ? std::string() : found->second;
}

void resolver::add_mac(std::string const& mac)
{
	if (!mac.empty() && std::ranges::find(m_macs, mac) == m_macs.end())
	{
		m_macs.push_back(mac);
	}
}

void resolver::add_each(std::vector<std::string> const& names)
{
	for (auto const& name : names)
	{
		add_mac(address_of(m_room.machines.at(name)));
	}
}

result<void> resolver::add(std::string_view const word)
{
	auto const name = std::string(word);
	if (word == "all")
	{
		for (auto const& [key, machine] : m_room.machines)
		{
			add_mac(address_of(machine));
		}
		return success();
	}
	if (auto const group = m_room.groups.find(name); group != m_room.groups.end())
	{
		add_each(group->second);
		return success();
	}
	auto const mac = parse_mac(word);
	auto const machine = m_room.machines.find(mac.value_or(name));
	if (machine != m_room.machines.end())
	{
		auto const known = address_of(machine->second);
		if (known.empty())
		{
			return fail(fault::refused,
				"looking for {}: room.json does not say its hardware address, and it was not seen yet", name);
		}
		add_mac(known);
		return success();
	}
	if (!mac)
	{
		return fail(fault::usage, "looking for {}: no machine and no group has this name", printable(name));
	}
	add_mac(*mac);
	return success();
}

} // namespace

room_machine const* machine_of(
	room_description const& room, std::string const& mac, room_record const& record)
{
	return room.find({.mac = mac, .serial = record.serial, .uuid = record.uuid, .ip = {}, .host = {}});
}

std::string mac_of(room_description const& room, room_records const& records, room_machine const& machine)
{
	if (!machine.mac.empty())
	{
		return machine.mac;
	}
	auto const seen = std::ranges::find_if(
		records, [&](auto const& entry) { return machine_of(room, entry.first, entry.second) == &machine; });
	return seen == records.end() ? std::string() : seen->first;
}

result<std::vector<std::string>> resolve_machines(
	room_description const& room, room_records const& records, std::string_view const text)
{
	resolver words(room, records);
	for (auto const word : split(text, ','))
	{
		BOOST_OUTCOME_TRYV(words.add(trim(word)));
	}
	auto macs = words.take();
	if (macs.empty())
	{
		return fail(fault::refused,
			"looking for {}: none of these machines is known by its hardware address yet", printable(text));
	}
	return macs;
}

} // namespace rawswarm
