// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/dhcp_service.hpp"

#include "agent/log/log.hpp"
#include "agent/room/boot_scripts.hpp"
#include "agent/serve/dnsmasq_setup.hpp"
#include "base/atomic_file.hpp"

#include <map>
#include <utility>

namespace rawswarm
{

result<std::string> dnsmasq_text(serve_options const& options)
{
	BOOST_OUTCOME_TRY(made, make_dnsmasq_options(options, options.listen.port));
	return dnsmasq_config(made);
}

dhcp_service::dhcp_service(room_book const& book, tftp_folder files, std::string authority)
	: m_book(book)
	, m_files(std::move(files))
	, m_authority(std::move(authority))
{}

result<std::unique_ptr<dhcp_service>> dhcp_service::start(boost::asio::io_context& ios, room_book const& book,
	serve_options const& options, std::uint16_t const http_port, std::function<void(error)> on_end)
{
	BOOST_OUTCOME_TRY(made, make_dnsmasq_options(options, http_port));
	BOOST_OUTCOME_TRY(text, dnsmasq_config(made));
	BOOST_OUTCOME_TRY(files, tftp_folder::make(options.folder));
	auto const path = options.folder + "/state/dnsmasq.conf";
	BOOST_OUTCOME_TRYV(write_atomically(path, text));
	std::unique_ptr<dhcp_service> service(new dhcp_service(
		book, std::move(files), reads_entries(made) ? server_authority(made) : std::string()));
	BOOST_OUTCOME_TRYV(service->update());
	auto& logger = log::get(log::component::agent);
	if (auto const missing = missing_loaders(made); !missing.empty())
	{
		logger.warn("{}", missing);
	}
	BOOST_OUTCOME_TRY(child,
		dnsmasq::start(ios, options.dnsmasq_program, path,
			{.on_line = [&logger](std::string_view const line) { logger.debug("dnsmasq: {}", line); },
				.on_end = std::move(on_end)}));
	service->m_dnsmasq = std::move(child);
	logger.info("dnsmasq serves {} on {}",
		made.mode == dnsmasq_mode::full ? "addresses and what to boot" : "what to boot",
		made.network.interface);
	return service;
}

result<void> dhcp_service::update()
{
	if (m_authority.empty())
	{
		return success();
	}
	std::map<std::string, tftp_entry> entries;
	auto const add = [&](std::string const& mac) {
		auto const choice = m_book.peek({.mac = mac, .serial = {}, .uuid = {}, .ip = {}, .host = {}});
		if (choice.kind != boot_kind::own_disk)
		{
			entries[mac] = {
				.grub = grub_menu(choice, m_authority), .pxelinux = pxelinux_entry(choice, m_authority)};
		}
	};
	for (auto const& [mac, record] : m_book.records())
	{
		add(mac);
	}
	for (auto const& [name, machine] : m_book.room().machines)
	{
		if (!machine.mac.empty())
		{
			add(machine.mac);
		}
	}
	return m_files.take(std::move(entries));
}

} // namespace rawswarm
