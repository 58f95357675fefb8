// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_job.hpp"

#include "agent/manifest/parse_manifest.hpp"
#include "agent/net/address.hpp"
#include "agent/room/room_rules.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

// The only disk that the machine has: of several none is taken.
nlohmann::json only_disk()
{
	return {{"min_size", 1}};
}

std::string url_on(server_address const& server, std::string_view const path)
{
	return fmt::format("http://{}{}", server.authority, path);
}

std::string with_port(std::string const& address, std::uint16_t const port)
{
	return fmt::format("{}:{}", address, port);
}

// What every job of a room has; `said` of room.json goes over it.
json job_frame(room_description const& room, std::string_view const image, job_recipient const& recipient,
	server_address const& server, nlohmann::json const& said)
{
	nlohmann::json keys{
		{"swarm",
			{{"peers", {with_port(server.address, server.seed_port)}},
				{"trackers", {url_on(server, "/announce")}}}},
		{"beacon", {{"to", {with_port(server.address, server.beacon_port)}}}},
		{"on_success", "reboot"},
	};
	keys.merge_patch(said);
	keys["report"] = {{"to", url_on(server, "/report/" + recipient.token)}};
	json job{{"version", 1}, {"name", room_job_name(room, recipient.name, image)},
		{"for", {{"mac", json::array({recipient.mac})}}}};
	job.update(json(keys));
	return job;
}

std::string written(json const& job)
{
	return job.dump(1, '\t', false, json::error_handler_t::replace) + "\n";
}

server_address sample_server()
{
	return {.authority = "192.0.2.1", .address = "192.0.2.1"};
}

} // namespace

std::string room_job_name(
	room_description const& room, std::string_view const machine, std::string_view const image)
{
	return fmt::format("{}/{}/{}", room.name, machine, image);
}

std::string room_job_text(room_description const& room, room_image const& image,
	job_recipient const& recipient, server_address const& server)
{
	auto rules = rules_for(room, recipient.machine, &image);
	auto target = std::move(rules.target);
	target["torrent"] = url_on(server, "/images/" + image.name + ".torrent");
	target["info_hash"] = image.info_hash;
	target["device"] = rules.device.is_null() ? only_disk() : rules.device;
	auto job = job_frame(room, image.name, recipient, server, rules.job);
	job["targets"] = json::array({json(target)});
	return written(job);
}

std::string capture_job_text(room_description const& room, std::string_view const name,
	job_recipient const& recipient, server_address const& server)
{
	auto const rules = rules_for(room, recipient.machine, nullptr);
	auto said = rules.job;
	// What is about disks that are written, and about images that are served.
	for (auto const* const key : {"partition_tables", "volumes", "seed_until", "verify", "after"})
	{
		said.erase(key);
	}
	auto job = job_frame(room, name, recipient, server, said);
	job["capture"] = {{"device", rules.device.is_null() ? only_disk() : rules.device}, {"name", name},
		{"to", url_on(server, "/capture/" + recipient.token)}};
	return written(job);
}

result<void> check_room_job(
	room_description const& room, room_machine const& machine, room_image const& image)
{
	BOOST_OUTCOME_TRY(base, parse_location("http://192.0.2.1/jobs/job.json"));
	auto const mac = machine.mac.empty() ? "52:54:00:12:34:56" : machine.mac;
	auto const text = room_job_text(
		room, image, {.machine = &machine, .name = machine.name, .mac = mac, .token = "0"}, sample_server());
	machine_identity const self{.mac = mac,
		.serial = machine.serial.empty() ? "SERIAL" : machine.serial,
		.uuid = machine.uuid.empty() ? "01234567-89ab-cdef-0123-456789abcdef" : machine.uuid,
		.hostname = "machine",
		.ip = "192.0.2.2"};
	BOOST_OUTCOME_TRY(parsed, parse_manifest(text, base, self));
	(void)parsed;
	return success();
}

} // namespace rawswarm
