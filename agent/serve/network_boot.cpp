// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/network_boot.hpp"

#include "agent/log/log.hpp"
#include "agent/room/boot_scripts.hpp"
#include "agent/serve/dnsmasq.hpp"
#include "agent/serve/dnsmasq_setup.hpp"
#include "agent/serve/tftp_folder.hpp"
#include "base/atomic_file.hpp"

#include <map>
#include <set>
#include <utility>

namespace rawswarm
{

namespace
{

// Those that are named and those that were seen.
std::set<std::string> all_machines(room_book const& book)
{
	std::set<std::string> macs;
	for (auto const& [mac, record] : book.records())
	{
		macs.insert(mac);
	}
	for (auto const& [name, machine] : book.room().machines)
	{
		if (!machine.mac.empty())
		{
			macs.insert(machine.mac);
		}
	}
	return macs;
}

std::map<std::string, tftp_entry> entries_of(room_book const& book, std::string const& authority)
{
	std::map<std::string, tftp_entry> entries;
	for (auto const& mac : all_machines(book))
	{
		room_identity who;
		who.mac = mac;
		auto const choice = book.peek(who);
		if (choice.kind != boot_kind::own_disk)
		{
			entries[mac] = {grub_menu(choice, authority), pxelinux_entry(choice, authority)};
		}
	}
	return entries;
}

} // namespace

struct network_boot::impl
{
	room_book const& book;
	std::string authority; // of URLs; empty: every loader asks by HTTP
	tftp_folder folder;
	std::unique_ptr<dnsmasq> child = {};
};

network_boot::network_boot(std::unique_ptr<impl> implementation)
	: m_impl(std::move(implementation))
{}

network_boot::~network_boot() = default;

result<std::string> printed_dnsmasq_config(serve_options const& options)
{
	BOOST_OUTCOME_TRY(made, make_dnsmasq_options(options, options.listen.port));
	return dnsmasq_config(made);
}

result<std::unique_ptr<network_boot>> network_boot::start(boost::asio::io_context& ios,
	serve_options const& options, std::uint16_t const http_port, room_book const& book,
	std::function<void(error)> on_end)
{
	BOOST_OUTCOME_TRY(made, make_dnsmasq_options(options, http_port));
	BOOST_OUTCOME_TRY(config, dnsmasq_config(made));
	auto& logger = log::get(log::component::agent);
	if (auto const missing = missing_loaders(made); !missing.empty())
	{
		logger.warn("{}", missing);
	}
	BOOST_OUTCOME_TRY(folder, tftp_folder::make(options.folder));
	auto const path = made.state_folder + "/dnsmasq.conf";
	BOOST_OUTCOME_TRY(write_atomically(path, config));
	std::unique_ptr<network_boot> boot(new network_boot(std::make_unique<impl>(
		impl{book, reads_entries(made) ? server_authority(made) : std::string(), std::move(folder)})));
	BOOST_OUTCOME_TRY(boot->update());
	BOOST_OUTCOME_TRY(child,
		dnsmasq::start(ios, options.dnsmasq_program, path,
			{.on_line = [&logger](std::string_view const line) { logger.debug("{}", line); },
				.on_end = std::move(on_end)}));
	boot->m_impl->child = std::move(child);
	logger.info("dnsmasq {} on {}",
		made.mode == dnsmasq_mode::proxy ? "says what to boot" : "gives addresses", made.network.interface);
	return boot;
}

result<void> network_boot::update()
{
	if (m_impl->authority.empty())
	{
		return success();
	}
	return m_impl->folder.take(entries_of(m_impl->book, m_impl->authority));
}

} // namespace rawswarm
