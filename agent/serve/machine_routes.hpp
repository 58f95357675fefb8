// SPDX-License-Identifier: BSD-3-Clause
// What machines ask a room's server for by HTTP while they start: boot scripts, kernel and initramfs, jobs,
// torrents and images. docs/spec.md has the addresses ("The server's addresses").
//
// Thread: that of the io_context. Nothing outside of the room's boot/ and images/, and of the torrents that
// room.json names, is served.
#pragma once

#include "agent/http_server/http_reply.hpp"
#include "agent/room/room_book.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

struct served_ports
{
	std::uint16_t http = 80;
	std::uint16_t seed = 6881;
	std::uint16_t beacons = 7700;
};

// This server as the one who asks reaches it.
server_address address_for(http_question const& question, served_ports const& ports);

class machine_routes
{
public:
	// book: must live as long as this. on_wanted: an image's info-hash, when a machine gets its job.
	machine_routes(room_book& book, std::function<void(std::string const& info_hash)> on_wanted);

	// Opens boot/ and images/. fault::refused: one of them is not there.
	result<void> open();

	void set_ports(served_ports const& ports) { m_ports = ports; }

	// Empty: the path is none of these.
	std::optional<http_reply> answer(http_question const& question);

private:
	std::optional<http_reply> script(http_question const& question);
	http_reply ipxe(http_question const& question);
	std::optional<http_reply> named_entry(http_question const& question, std::string_view folder,
		std::string (*text)(boot_choice const&, std::string_view authority));
	http_reply job(http_question const& question, std::string_view name);
	http_reply image(http_question const& question, std::string_view asked);
	boot_choice choose(http_question const& question, room_identity who);

	room_book& m_book;
	std::function<void(std::string const&)> m_on_wanted;
	served_ports m_ports;
	unique_fd m_boot;
	unique_fd m_images;
};

} // namespace rawswarm
