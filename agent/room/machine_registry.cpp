// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/machine_registry.hpp"

#include "agent/room/machine_names.hpp"
#include "agent/room/room_rules.hpp"
#include "base/clean_text.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr std::size_t max_text_bytes = 256; // of a name that a machine says; more than any needs

std::int64_t seconds_now()
{
	return std::chrono::duration_cast<std::chrono::seconds>(
		std::chrono::system_clock::now().time_since_epoch())
		.count();
}

void set_if_said(std::string& out, std::string const& text)
{
	if (!text.empty())
	{
		out = cut_text(clean_text(text), max_text_bytes);
	}
}

bool has_orders(room_record const& record)
{
	return !record.order.empty() || !record.capture.empty() || !record.given.empty()
		|| !record.settled.empty();
}

} // namespace

machine_registry::machine_registry(room_description r, room_state s, clock c)
	: room(std::move(r))
	, state(std::move(s))
	, now(c ? std::move(c) : clock(seconds_now))
{}

room_record const* machine_registry::find_record(std::string_view const mac) const
{
	auto const found = state.records.find(std::string(mac));
	return found == state.records.end() ? nullptr : &found->second;
}

room_identity machine_registry::complete(room_identity who) const
{
	if (auto const* const record = find_record(who.mac))
	{
		who.serial = who.serial.empty() ? record->serial : who.serial;
		who.uuid = who.uuid.empty() ? record->uuid : who.uuid;
	}
	return who;
}

// Makes room for so many more records. Who was seen longest ago goes first. False, and nothing is changed:
// too many of those that there are say something that must be kept.
bool machine_registry::make_space(std::size_t const wanted, std::span<std::string const> const staying)
{
	auto& records = state.records;
	if (wanted > room_state::max_records)
	{
		return false;
	}
	if (records.size() + wanted <= room_state::max_records)
	{
		return true;
	}
	std::set<std::string_view> const kept(staying.begin(), staying.end());
	std::vector<room_records::const_iterator> idle;
	for (auto entry = records.cbegin(); entry != records.cend(); ++entry)
	{
		if (!has_orders(entry->second) && !kept.contains(entry->first))
		{
			idle.push_back(entry);
		}
	}
	// A heap, as most often one goes of many.
	auto const seen_at = [](auto const& entry) { return entry->second.seen_at; };
	std::ranges::make_heap(idle, std::greater<>{}, seen_at);
	std::vector<room_records::const_iterator> leaving;
	auto const excess = records.size() + wanted - room_state::max_records;
	while (!idle.empty() && leaving.size() < excess)
	{
		std::ranges::pop_heap(idle, std::greater<>{}, seen_at);
		if (machine_of(room, idle.back()->first, idle.back()->second) == nullptr)
		{
			leaving.push_back(idle.back());
		}
		idle.pop_back();
	}
	if (leaving.size() < excess)
	{
		return false;
	}
	for (auto const& entry : leaving)
	{
		state.drop(entry);
	}
	unsaved = true;
	return true;
}

room_record* machine_registry::record_for(std::string const& mac)
{
	return make_records({&mac, 1}) ? &state.records.at(mac) : nullptr;
}

bool machine_registry::make_records(std::span<std::string const> const macs)
{
	std::set<std::string> fresh;
	std::ranges::copy_if(macs, std::inserter(fresh, fresh.end()),
		[this](std::string const& mac) { return !state.records.contains(mac); });
	if (!make_space(fresh.size(), macs))
	{
		return false;
	}
	for (auto const& mac : fresh)
	{
		state.records[mac].turn = state.next_turn;
	}
	return true;
}

room_record* machine_registry::record_of_turn(std::string const& mac, std::uint64_t const turn)
{
	auto* const record = state.records.contains(mac) || turn == state.next_turn ? record_for(mac) : nullptr;
	return record != nullptr && record->turn == turn ? record : nullptr;
}

// A machine that is named by its serial number or UUID is the same at another network card.
void machine_registry::follow_machine(room_identity const& who)
{
	auto const* const machine = room.find(who);
	if (machine == nullptr || !machine->mac.empty() || find_record(who.mac) != nullptr)
	{
		return;
	}
	if (auto const mac = mac_of(room, state.records, *machine); !mac.empty() && mac != who.mac)
	{
		auto record = state.records.extract(mac);
		record.key() = who.mac;
		state.records.insert(std::move(record));
	}
}

room_record* machine_registry::note_seen(room_identity const& who)
{
	if (who.mac.empty())
	{
		return nullptr;
	}
	follow_machine(who);
	auto* const record = record_for(who.mac);
	if (record != nullptr)
	{
		record->seen_at = now();
		set_if_said(record->host, who.host);
		set_if_said(record->ip, who.ip);
		set_if_said(record->serial, who.serial);
		set_if_said(record->uuid, who.uuid);
		unsaved = true;
	}
	return record;
}

std::string machine_registry::name_of(std::string const& mac) const
{
	auto const* const record = find_record(mac);
	auto const* const machine = machine_of(room, mac, record == nullptr ? room_record() : *record);
	return machine == nullptr ? mac : machine->name;
}

std::string machine_registry::image_said_for(std::string const& mac) const
{
	auto const* const record = find_record(mac);
	auto const* const machine = machine_of(room, mac, record == nullptr ? room_record() : *record);
	return machine == nullptr ? std::string() : image_of(room, *machine);
}

result<void> machine_registry::save()
{
	unsaved = true;
	BOOST_OUTCOME_TRYV(state.save());
	unsaved = false;
	return success();
}

} // namespace rawswarm
