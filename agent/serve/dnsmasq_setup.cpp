// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/dnsmasq_setup.hpp"

#include "base/interface_addresses.hpp"

#include <bit>
#include <cstring>
#include <filesystem>
#include <map>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

struct found_interface
{
	bool is_usable = false; // up, and others can be on it
	dnsmasq_network network;
};

void add_address(dnsmasq_network& n, ifaddrs const& a)
{
	if (a.ifa_addr->sa_family == AF_INET && !n.v4 && a.ifa_netmask != nullptr)
	{
		sockaddr_in address{};
		sockaddr_in mask{};
		std::memcpy(&address, a.ifa_addr, sizeof address);
		std::memcpy(&mask, a.ifa_netmask, sizeof mask);
		n.v4 = boost::asio::ip::address_v4(ntohl(address.sin_addr.s_addr));
		n.v4_bits = static_cast<unsigned>(std::popcount(ntohl(mask.sin_addr.s_addr)));
	}
	else if (a.ifa_addr->sa_family == AF_INET6 && (!n.v6 || !is_local(*n.v6)))
	{
		sockaddr_in6 address{};
		std::memcpy(&address, a.ifa_addr, sizeof address);
		boost::asio::ip::address_v6::bytes_type bytes{};
		std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
		boost::asio::ip::address_v6 const v6(bytes);
		if (!v6.is_link_local())
		{
			n.v6 = v6;
		}
	}
}

std::map<std::string, found_interface> list_interfaces()
{
	std::map<std::string, found_interface> all;
	for_each_interface_address([&all](ifaddrs const& a) {
		auto& i = all[a.ifa_name];
		i.network.interface = a.ifa_name;
		i.is_usable = (a.ifa_flags & IFF_UP) != 0 && (a.ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) == 0;
		if (a.ifa_addr != nullptr)
		{
			add_address(i.network, a);
		}
	});
	return all;
}

result<dnsmasq_network> only_usable(std::map<std::string, found_interface> const& all)
{
	std::string names;
	dnsmasq_network const* only = nullptr;
	int count = 0;
	for (auto const& [name, i] : all)
	{
		if (i.is_usable && (i.network.v4 || i.network.v6))
		{
			only = &i.network;
			names += (count++ == 0 ? "" : ", ") + name;
		}
	}
	if (count == 1)
	{
		return *only;
	}
	return count == 0
		? fail(fault::refused, "serving DHCP: no network interface is up and has an address")
		: fail(fault::refused, "serving DHCP: name the interface that the machines are on (--interface): {}",
			names);
}

} // namespace

result<dnsmasq_network> find_dnsmasq_network(std::string const& interface)
{
	auto const all = list_interfaces();
	if (interface.empty())
	{
		return only_usable(all);
	}
	auto const found = all.find(interface);
	if (found == all.end())
	{
		return fail(fault::refused, "serving DHCP on {}: there is no such interface", interface);
	}
	if (!found->second.is_usable)
	{
		return fail(fault::refused, "serving DHCP on {}: it is down, or no machine can be on it", interface);
	}
	return found->second.network;
}

std::set<std::string> find_boot_loaders(std::string const& folder)
{
	namespace file = boot_loader_file;
	std::set<std::string> found;
	for (auto const name : {file::bios, file::bios_pxelinux, file::bios_pxelinux_library, file::x64,
			 file::arm64, file::shim, file::grub})
	{
		std::error_code ec;
		if (fs::is_regular_file(fs::path(folder) / name, ec))
		{
			found.emplace(name);
		}
	}
	return found;
}

result<dnsmasq_options> make_dnsmasq_options(serve_options const& options, std::uint16_t const http_port)
{
	std::error_code ec;
	auto const folder = fs::absolute(options.folder, ec);
	if (ec)
	{
		return fail(fault::internal, ec, "finding {}", options.folder);
	}
	dnsmasq_options o;
	o.mode = options.dnsmasq;
	BOOST_OUTCOME_TRY(network, find_dnsmasq_network(options.interface));
	o.network = std::move(network);
	o.http_port = http_port;
	o.range = options.dhcp_range;
	o.loaders = find_boot_loaders(folder / "boot");
	o.secure_boot = options.secure_boot;
	o.state_folder = folder / "state";
	return o;
}

} // namespace rawswarm
