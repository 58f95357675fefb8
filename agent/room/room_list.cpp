// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_list.hpp"

#include "agent/room/decision.hpp"
#include "agent/room/room_rules.hpp"
#include "base/clean_text.hpp"

#include <set>
#include <utility>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

void put(json& out, char const* const key, std::string const& text)
{
	if (!text.empty())
	{
		out[key] = clean_text(text);
	}
}

void put(json& out, char const* const key, std::int64_t const number)
{
	if (number != 0)
	{
		out[key] = number;
	}
}

json image_json(room_image const& image)
{
	json out{{"name", image.name}};
	put(out, "bytes", image.bytes);
	put(out, "info_hash", image.info_hash);
	put(out, "error", image.error);
	return out;
}

void put_record(json& out, room_description const& room, room_record const& record)
{
	put(out, "order", record.order);
	put(out, "capture", record.capture);
	put(out, "given", record.given);
	put(out, "given_at", record.given_at);
	put(out, "given_info_hash", record.given_info_hash);
	auto const* const image = room.image(record.given);
	if (image != nullptr && !image->info_hash.empty() && image->info_hash != record.given_info_hash)
	{
		out["outdated"] = true;
	}
	put(out, "seen_at", record.seen_at);
	put(out, "host", record.host);
	put(out, "ip", record.ip);
	if (!record.job_image.empty())
	{
		out["job"] = json{{"image", record.job_image}, {"at", record.job_at}};
	}
	if (!record.error.empty())
	{
		out["error"] =
			json{{"text", clean_text(record.error)}, {"code", record.error_code}, {"at", record.error_at}};
	}
}

void put_decision(json& out, room_decision const& decision)
{
	out["next"] = decision.kind == boot_kind::image ? "image"
		: decision.kind == boot_kind::capture       ? "capture"
													: "disk";
	put(out, "next_image", decision.image);
	put(out, "trouble", decision.trouble);
}

// machine, record: one of them may be null.
json machine_json(room_description const& room, std::string const& mac, room_machine const* const machine,
	room_record const* const record)
{
	json out{{"name", machine == nullptr ? mac : machine->name}};
	put(out, "mac", mac);
	auto const of = [&](auto room_machine::*said, auto room_record::*seen) {
		return machine != nullptr && !(machine->*said).empty() ? machine->*said
			: record != nullptr                                ? record->*seen
															   : std::string();
	};
	put(out, "serial", of(&room_machine::serial, &room_record::serial));
	put(out, "uuid", of(&room_machine::uuid, &room_record::uuid));
	out["known"] = machine != nullptr;
	if (machine != nullptr)
	{
		out["groups"] = machine->groups;
		auto const image = image_of(room, *machine);
		out["image"] = image.empty() ? json() : json(image);
	}
	put_decision(out, decide(room, machine, record));
	if (record != nullptr)
	{
		put_record(out, room, *record);
	}
	return out;
}

} // namespace

json list_room(room_description const& room, room_records const& records, std::string const& room_error)
{
	json out{{"version", 1}, {"room", room.name}};
	put(out, "error", room_error);
	auto& images = out["images"] = json::array();
	for (auto const& [name, image] : room.images)
	{
		images.push_back(image_json(image));
	}
	// The record of each machine that was seen; the first, if it was seen by several addresses.
	std::map<room_machine const*, room_records::const_iterator> seen;
	auto others = json::array();
	for (auto entry = records.begin(); entry != records.end(); ++entry)
	{
		auto const* const machine = machine_of(room, entry->first, entry->second);
		if (machine == nullptr || !seen.try_emplace(machine, entry).second)
		{
			others.push_back(machine_json(room, entry->first, machine, &entry->second));
		}
	}
	auto& machines = out["machines"] = json::array();
	for (auto const& [name, machine] : room.machines)
	{
		auto const found = seen.find(&machine);
		machines.push_back(found == seen.end()
				? machine_json(room, machine.mac, &machine, nullptr)
				: machine_json(room, found->second->first, &machine, &found->second->second));
	}
	machines.insert(machines.end(), others.begin(), others.end());
	return out;
}

} // namespace rawswarm
