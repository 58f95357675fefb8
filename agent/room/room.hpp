// SPDX-License-Identifier: BSD-3-Clause
// A room as its folder describes it: images, machines, and what each of them is to have. Values;
// room_file.hpp reads them, room_book.hpp decides by them.
//
// Names are of letters, digits, '.', '_' and '-', 63 at most, neither '.' nor '-' first. Hardware addresses
// are lower case with colons (52:54:00:12:34:56), UUIDs lower case.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

class job_signer;

// Who asks. Empty: not known. Text from outside: clean_text() before it is shown.
struct room_identity
{
	std::string mac;
	std::string serial;
	std::string uuid;
	std::string ip;
	std::string host;
};

struct room_image
{
	std::string name;
	std::string torrent; // path of the file
	std::string source; // path of the image file or device; empty: there is none, and error says so
	std::string info_hash; // 40 lower-case hex digits
	std::int64_t bytes = 0; // the size of the disk that it is made for, as far as the torrent tells
	std::string error; // why nobody can get it, one line; empty: it is good
	nlohmann::json device; // null, a path or a selector, as a job has them
	nlohmann::json target = nlohmann::json::object(); // further keys of the job's target

	bool operator==(room_image const&) const = default;
};

// What room.json says for the room, for a group or for one machine.
struct room_rules
{
	std::optional<std::string> image; // none: not said; empty text: its own disk
	nlohmann::json job = nlohmann::json::object();
	nlohmann::json device;
	nlohmann::json target = nlohmann::json::object();
	std::optional<std::string> append; // kernel parameters
};

struct room_machine
{
	std::string name; // or its hardware address, if a group alone names it
	std::string mac;
	std::string serial;
	std::string uuid;
	std::vector<std::string> groups;
	room_rules rules; // with those of its groups in them; the room's: room_rules.hpp
};

struct room_description
{
	std::string folder;
	std::string name;
	room_rules rules;
	std::map<std::string, room_image> images; // by name
	std::map<std::string, std::vector<std::string>> groups; // names of their machines
	std::map<std::string, room_machine> machines; // by name
	std::string key_file; // path; empty: beacons are not signed
	std::string swarm_key_file; // path; empty: the room is open to every peer
	std::string job_key; // path; empty: jobs are not signed
	std::optional<std::string> beacon_key; // what key_file has
	std::optional<std::string> swarm_key; // what swarm_key_file has
	std::shared_ptr<job_signer const> signer; // with job_key; null: jobs are not signed

	// The machine that has one of these; the hardware address goes before the UUID, that before the serial
	// number. Null: none is named like this.
	room_machine const* find(room_identity const& who) const;

	// Null: there is none.
	room_image const* image(std::string_view called) const;
};

// 52:54:00:12:34:56 of the same with colons or hyphens, of either case. Empty: no hardware address.
std::optional<std::string> parse_mac(std::string_view text);

// Whether machines, groups and images may have this name.
bool is_room_name(std::string_view text);

} // namespace rawswarm
