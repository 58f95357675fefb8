// SPDX-License-Identifier: BSD-3-Clause
// What a room needs for machines to boot from the network, where that is dnsmasq's part: its configuration,
// its folder for TFTP, and itself.
//
// Thread: that of the io_context, which lives as long as the program (dnsmasq.hpp).
#pragma once

#include "agent/room/room_book.hpp"
#include "agent/serve/serve_options.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace rawswarm
{

// `serve --print-dnsmasq`: the configuration that serve would run dnsmasq with. Writes nothing. Errors:
// make_dnsmasq_options()'s and dnsmasq_config()'s.
result<std::string> printed_dnsmasq_config(serve_options const& options);

class network_boot
{
public:
	// options.dnsmasq is not none. server: its ports are taken; the address is the one on dnsmasq's
	// interface. on_end: dnsmasq has ended by itself. Errors: those above; fault::target, if state/ takes
	// nothing; dnsmasq::start()'s.
	static result<std::unique_ptr<network_boot>> start(boost::asio::io_context& ios,
		serve_options const& options, std::uint16_t http_port, room_book const& book,
		std::function<void(error)> on_end);

	~network_boot();
	network_boot(network_boot const&) = delete;
	network_boot& operator=(network_boot const&) = delete;

	// The room has changed: loaders that know no HTTP find what their machines boot now. fault::target.
	result<void> update();

private:
	struct impl;
	explicit network_boot(std::unique_ptr<impl> implementation);
	std::unique_ptr<impl> m_impl;
};

} // namespace rawswarm
