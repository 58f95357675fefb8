// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/serve_command.hpp"

#include "agent/cli/host_names.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/repeatable.hpp"
#include "agent/least_power/least_power.hpp"
#include "agent/log/log.hpp"
#include "agent/manifest/parse_flag.hpp"
#include "agent/serve/dhcp_service.hpp"
#include "agent/serve/server.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <utility>

#include <linux/capability.h>

namespace rawswarm
{

namespace
{

// Ports below 1024, room for bursts of beacons, folders and images of other users; and what dnsmasq has,
// which is started later (agent/serve/dnsmasq.cpp).
least_power power_of(serve_options const& options)
{
	least_power power;
	power.capabilities.add({CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_DAC_OVERRIDE});
	if (options.dnsmasq != dnsmasq_mode::none)
	{
		power.capabilities.add({CAP_NET_RAW, CAP_DAC_READ_SEARCH});
	}
	return power;
}

} // namespace

void serve_command::add_options(CLI::App& app)
{
	app.add_option("ROOM", m_options.folder, "The room's folder: room.json, images/, boot/ and state/")
		->required();
	auto* const check =
		app.add_flag("--check", m_check, "Only say what is wrong with the room; serves nothing");
	app.add_option("--listen", m_listen, "Where machines and browsers come, by HTTP")
		->capture_default_str()
		->type_name("ADDRESS:PORT");
	app.add_option("--seed-listen", m_seed_listen, "Where peers fetch the images (repeatable)")
		->default_str(":6881")
		->type_name("ADDRESS:PORT")
		->delimiter(',');
	app.add_option("--beacons", m_beacons, "Where beacons come in")
		->capture_default_str()
		->type_name("ADDRESS:PORT");
	app.add_option(
		   "--memory", m_memory, "Budget of all images together: auto or a size, such as 64M or 1 GiB")
		->type_name("auto|SIZE");
	repeatable(app.add_option(
				   "--http-name", m_options.http_names, "Another name of this machine for HTTP, repeatable"),
		"NAME");
	auto* const dnsmasq = app.add_option("--dnsmasq", m_dnsmasq,
		"Run dnsmasq: proxy beside a DHCP server that is there; full gives addresses as well");
	dnsmasq->type_name("proxy|full")->check(CLI::IsMember({"proxy", "full"}));
	app.add_option("--interface", m_options.interface, "Of dnsmasq: where the machines are")
		->needs(dnsmasq)
		->type_name("INTERFACE");
	app.add_option("--dhcp-range", m_options.dhcp_range, "Of --dnsmasq full: the addresses to give")
		->needs(dnsmasq)
		->type_name("FIRST,LAST");
	app.add_flag("--secure-boot", m_options.secure_boot, "Of dnsmasq: offer the shim in place of iPXE")
		->needs(dnsmasq);
	app.add_flag("--print-dnsmasq", m_print_dnsmasq, "Only print the configuration of dnsmasq")
		->needs(dnsmasq)
		->excludes(check);
}

result<void> serve_command::read_options()
{
	auto& o = m_options;
	BOOST_OUTCOME_TRYV(parse_flag(m_listen, "--listen", parse_listener, o.listen));
	BOOST_OUTCOME_TRYV(parse_flag(m_beacons, "--beacons", parse_listener, o.beacons));
	if (!m_seed_listen.empty())
	{
		o.seed_listen.clear();
	}
	for (auto const& text : m_seed_listen)
	{
		std::vector<endpoint> listeners;
		BOOST_OUTCOME_TRYV(parse_flag(text, "--seed-listen", parse_listeners, listeners));
		std::ranges::move(listeners, std::back_inserter(o.seed_listen));
	}
	// Machines are told the port, by their jobs.
	if (std::ranges::any_of(o.seed_listen, [](endpoint const& e) { return e.port == 0; }))
	{
		return fail(fault::usage, "--seed-listen: the port must be from 1 to 65535");
	}
	if (m_memory)
	{
		BOOST_OUTCOME_TRYV(parse_flag(*m_memory, "--memory", check_memory, o.memory));
	}
	o.dnsmasq = m_dnsmasq.empty() ? dnsmasq_mode::none
		: m_dnsmasq == "full"     ? dnsmasq_mode::full
								  : dnsmasq_mode::proxy;
	return check_host_names(o.http_names);
}

result<int> serve_command::run(common_options const& common, std::string const& socket)
{
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log));
	BOOST_OUTCOME_TRYV(read_options());
	m_options.socket = socket;
	if (m_check)
	{
		BOOST_OUTCOME_TRY(told, check_room_folder(m_options.folder));
		BOOST_OUTCOME_TRYV(print(told + "\n"));
		return 0;
	}
	if (m_print_dnsmasq)
	{
		BOOST_OUTCOME_TRY(text, dnsmasq_text(m_options));
		BOOST_OUTCOME_TRYV(print(text));
		return 0;
	}
	if (common.sandbox)
	{
		give_up_power(power_of(m_options));
	}
	return serve(m_options);
}

} // namespace rawswarm
