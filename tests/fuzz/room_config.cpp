// SPDX-License-Identifier: BSD-3-Clause
// room.json (agent/room/room_file.hpp), as far as it is read without the images beside it: it is refused in
// one line, or each machine in it is found by its own names and by nobody else's, and gets a job that is one.
//
// Compiled with: agent/log/log_levels.cpp agent/machine/device_selector.cpp
// Compiled with: agent/manifest/boot_entry_keys.cpp agent/manifest/json_location.cpp
// Compiled with: agent/manifest/json_reader.cpp agent/manifest/manifest_checks.cpp
// Compiled with: agent/manifest/manifest_substitute.cpp agent/manifest/manifest_targets.cpp
// Compiled with: agent/manifest/manifest_validity.cpp agent/manifest/manifest_volumes.cpp
// Compiled with: agent/manifest/parse_manifest.cpp agent/net/address.cpp agent/net/endpoint.cpp
// Compiled with: agent/net/host_port.cpp agent/net/ip_network.cpp agent/net/location.cpp
// Compiled with: agent/net/tracker_url.cpp agent/net/uri_reference.cpp agent/net/url.cpp
// Compiled with: agent/net/wake_on_lan.cpp agent/room/boot_scripts.cpp agent/room/job_keys.cpp
// Compiled with: agent/room/room.cpp agent/room/room_job.cpp agent/room/room_members.cpp
// Compiled with: agent/room/room_parse.cpp agent/room/room_rules.cpp base/clean_text.cpp
// Compiled with: base/canonical_text.cpp base/parse_size.cpp
// Compiled with: base/percent_encoded.cpp base/text.cpp base/utc_time.cpp
// Compiled with: storage/device/device_profile.cpp storage/device/kernel_files.cpp
#include "agent/room/room_job.hpp"
#include "agent/room/room_members.hpp"
#include "agent/room/room_rules.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace
{

using namespace rawswarm;
using fuzz::require;
using fuzz::require_one_line;

void check_refused(error const& e)
{
	require(e.kind == fault::refused);
	require_one_line(e.text);
}

void check_jobs(room_description const& room, room_machine const& machine)
{
	for (auto const& [name, image] : room.images)
	{
		auto whole = image;
		whole.info_hash = std::string(40, 'a');
		job_recipient const recipient{
			.machine = &machine, .name = machine.name, .mac = "52:54:00:12:34:56", .token = "0"};
		server_address const server{.authority = "192.0.2.1", .address = "192.0.2.1"};
		auto const job = nlohmann::json::parse(room_job_text(room, whole, recipient, server), nullptr, false);
		require(job.is_object() && job.at("targets").size() == 1);
		require(job.at("for").at("mac") == nlohmann::json::array({"52:54:00:12:34:56"}));
		require(job.at("targets").at(0).at("info_hash") == whole.info_hash);
		require(job.at("report").at("to") == "http://192.0.2.1/report/0");
		if (auto const good = check_room_job(room, machine, whole); !good)
		{
			check_refused(good.error());
		}
	}
}

void check_machine(room_description const& room, std::string const& name, room_machine const& machine)
{
	require(machine.name == name && !name.empty());
	require(!machine.mac.empty() || !machine.serial.empty() || !machine.uuid.empty());
	require(machine.mac.empty() || (room.find({.mac = machine.mac}) == &machine));
	require(machine.serial.empty() || (room.find({.serial = machine.serial}) == &machine));
	require(machine.uuid.empty() || (room.find({.uuid = machine.uuid}) == &machine));
	for (auto const& group : machine.groups)
	{
		require(std::ranges::count(room.groups.at(group), name) == 1);
	}
	require_one_line(machine.rules.append.value_or(""));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	auto const root = json_location::in_document("room.json");
	auto text = read_room_text(fuzz::text_of(data, size), root);
	if (!text)
	{
		check_refused(text.error());
		return 0;
	}
	auto const joined = join_members(std::move(text.value()), root);
	if (!joined)
	{
		check_refused(joined.error());
		return 0;
	}
	auto const& room = joined.value();
	for (auto const& [name, members] : room.groups)
	{
		require(is_room_name(name) && !room.machines.contains(name));
		require(std::ranges::all_of(members, [&](auto const& m) { return room.machines.contains(m); }));
	}
	for (auto const& [name, machine] : room.machines)
	{
		check_machine(room, name, machine);
	}
	// A few are enough, as the jobs of many images for many machines take long.
	constexpr std::size_t most = 16;
	if (room.machines.size() * room.images.size() <= most)
	{
		std::ranges::for_each(room.machines, [&](auto const& m) { check_jobs(room, m.second); });
	}
	return 0;
}
