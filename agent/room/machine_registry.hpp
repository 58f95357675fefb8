// SPDX-License-Identifier: BSD-3-Clause
// The machines of a room: its description, and a record of each that was seen or ordered. Finds them, keeps
// their number bounded, and writes them. What they are to do is room_book's.
//
// One thread.
#pragma once

#include "agent/room/room.hpp"
#include "agent/room/room_state.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace rawswarm
{

struct machine_registry
{
	using clock = std::function<std::int64_t()>; // seconds from 1970

	// An empty clock: the system's.
	machine_registry(room_description r, room_state s, clock c);

	// Null: nothing is known of it.
	room_record const* find_record(std::string_view mac) const;

	// With what the machine has said of itself before.
	room_identity complete(room_identity who) const;

	// Makes the record if it is not there. Null: there is no space for another.
	room_record* record_for(std::string const& mac);

	// Makes those that are not there, all of them or none. False: there is no space for so many.
	bool make_records(std::span<std::string const> macs);

	// The record, if it has this turn. One that was not on the disk when a server was killed is made again,
	// as it was before anything was ordered or given. Null: what is of this turn is over.
	room_record* record_of_turn(std::string const& mac, std::uint64_t turn);

	// The machine has asked for something. Null as before, or without a hardware address.
	room_record* note_seen(room_identity const& who);

	// Its name, or the address itself.
	std::string name_of(std::string const& mac) const;

	// The image that room.json has for it; empty: none.
	std::string image_said_for(std::string const& mac) const;

	// fault::target; what is not written stays unsaved.
	result<void> save();

	room_description room;
	room_state state;
	clock now;
	bool unsaved = false;

private:
	bool make_space(std::size_t wanted, std::span<std::string const> staying);
	void follow_machine(room_identity const& who);
};

} // namespace rawswarm
