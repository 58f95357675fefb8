// SPDX-License-Identifier: BSD-3-Clause
// DHCP and TFTP for a room: dnsmasq with its configuration, and the files that it serves.
//
// Made, called and destroyed by the thread of the io_context, which must live as long as the program
// (dnsmasq.hpp).
#pragma once

#include "agent/room/room_book.hpp"
#include "agent/serve/dnsmasq.hpp"
#include "agent/serve/dnsmasq_config.hpp"
#include "agent/serve/serve_options.hpp"
#include "agent/serve/tftp_folder.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace rawswarm
{

class dhcp_service
{
public:
	// Writes state/dnsmasq.conf and starts dnsmasq. on_end: it has ended by itself.
	static result<std::unique_ptr<dhcp_service>> start(boost::asio::io_context& ios, room_book const& book,
		serve_options const& options, std::uint16_t http_port, std::function<void(error)> on_end);

	// The entries of loaders that know no HTTP follow what machines are to boot. Called once a second; writes
	// what has changed.
	result<void> update();

private:
	dhcp_service(room_book const& book, tftp_folder files, std::string authority);

	room_book const& m_book;
	tftp_folder m_files;
	std::string m_authority; // of URLs: this server on the interface of dnsmasq; empty: all loaders have HTTP
	std::unique_ptr<dnsmasq> m_dnsmasq;
};

// What start() would write. Nothing is written or started.
result<std::string> dnsmasq_text(serve_options const& options);

} // namespace rawswarm
