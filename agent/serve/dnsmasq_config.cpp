// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/dnsmasq_config.hpp"

#include "agent/net/address.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace rawswarm
{

namespace
{

using boost::asio::ip::address_v4;

// A kind of firmware, and what it loads.
struct firmware
{
	std::string_view tag;
	std::vector<unsigned> types; // of the client's architecture, DHCP option 93
	std::string_view name; // for people
	std::string_view wanted; // the loader that would serve it
	std::string_view loader; // that is there; empty: none
};

bool has(dnsmasq_options const& o, std::string_view const file)
{
	return o.loaders.contains(std::string(file));
}

std::string_view if_there(dnsmasq_options const& o, std::string_view const file)
{
	return has(o, file) ? file : std::string_view();
}

bool has_pxelinux(dnsmasq_options const& o)
{
	return has(o, boot_loader_file::bios_pxelinux) && has(o, boot_loader_file::bios_pxelinux_library);
}

std::string_view bios_loader(dnsmasq_options const& o)
{
	if (!has(o, boot_loader_file::bios) && has_pxelinux(o))
	{
		return boot_loader_file::bios_pxelinux;
	}
	return if_there(o, boot_loader_file::bios);
}

// 7 is x86-64, and so is 9: the numbers were mixed up in RFC 4578, and firmware says either.
std::array<firmware, 3> firmwares(dnsmasq_options const& o)
{
	namespace file = boot_loader_file;
	auto const x64 = o.secure_boot ? file::shim : file::x64;
	return {{{"bios", {0}, "BIOS", file::bios, bios_loader(o)},
		{"x64", {7, 9}, "UEFI on x86-64", x64, if_there(o, x64)},
		{"arm64", {11}, "UEFI on aarch64", file::arm64, if_there(o, file::arm64)}}};
}

// As dnsmasq reads it back, whatever is in it but line ends.
std::string quoted(std::string_view const path)
{
	std::string text = "\"";
	for (char const c : path)
	{
		if (c == '"' || c == '\\')
		{
			text += '\\';
		}
		text += c;
	}
	return text + '"';
}

bool is_one_line(std::string_view const text)
{
	return std::ranges::none_of(text, [](unsigned char const c) { return c < ' '; });
}

std::string server_url(dnsmasq_options const& o)
{
	return fmt::format("http://{}/", server_authority(o));
}

std::uint32_t mask_of(unsigned const bits)
{
	return bits == 0 ? 0 : ~std::uint32_t(0) << (32 - bits);
}

struct address_range
{
	address_v4 first;
	address_v4 last;
};

// The upper half of the network: the lower one often has machines with addresses of their own.
result<address_range> usual_range(dnsmasq_network const& n)
{
	constexpr unsigned smallest = 29; // bits: three addresses to give
	if (n.v4_bits > smallest || n.v4_bits == 0)
	{
		return fail(fault::refused, "giving addresses on {}: {}/{} is no network for a room", n.interface,
			n.v4->to_string(), n.v4_bits);
	}
	auto const mask = mask_of(n.v4_bits);
	auto const network = n.v4->to_uint() & mask;
	auto const half = (~mask >> 1) + 1;
	return address_range{address_v4(network + half), address_v4((network | ~mask) - 1)};
}

result<address_range> range_of(dnsmasq_options const& o)
{
	auto const& n = o.network;
	if (o.range.empty())
	{
		return usual_range(n);
	}
	auto const comma = o.range.find(',');
	auto const text = std::string_view(o.range);
	auto const first = parse_ipv4(text.substr(0, comma));
	auto const last =
		comma == std::string::npos ? std::nullopt : parse_ipv4(text.substr(std::min(text.size(), comma + 1)));
	if (!first || !last || *last < *first)
	{
		return fail(fault::refused, "giving the addresses {}: not FIRST,LAST of IPv4", o.range);
	}
	auto const mask = mask_of(n.v4_bits);
	for (auto const& a : {*first, *last})
	{
		if ((a.to_uint() & mask) != (n.v4->to_uint() & mask))
		{
			return fail(fault::refused, "giving the addresses {}: {} is not in the network {}/{} of {}",
				o.range, a.to_string(), n.v4->to_string(), n.v4_bits, n.interface);
		}
	}
	return address_range{*first, *last};
}

// No DNS, one interface, and the same user: a change of the user would undo that it ends with its parent.
std::string common_lines(dnsmasq_options const& o)
{
	return fmt::format("# Written by rawswarm serve, anew at each start.\n"
					   "port=0\n"
					   "interface={}\n"
					   "except-interface=lo\n"
					   "bind-interfaces\n"
					   "user=root\n"
					   "group=\n"
					   "pid-file=\n"
					   "log-facility=-\n"
					   "dhcp-leasefile={}\n"
					   "enable-tftp\n"
					   "tftp-root={}\n"
					   "tftp-max=1000\n" // transfers at once: a room
					   "dhcp-match=set:ipxe,175\n",
		o.network.interface, quoted(o.state_folder + "/dnsmasq.leases"), quoted(o.state_folder + "/tftp"));
}

std::string match_lines(dnsmasq_options const& o)
{
	std::string text;
	for (auto const& f : firmwares(o))
	{
		for (auto const type : f.types)
		{
			text += fmt::format("dhcp-match=set:{},option:client-arch,{}\n", f.tag, type);
		}
	}
	return text;
}

// Beside a DHCP server: only those who ask for a boot service are answered.
std::string proxy_lines(dnsmasq_options const& o)
{
	auto const& n = o.network;
	auto const mask = mask_of(n.v4_bits);
	auto text = fmt::format("dhcp-range={},proxy,{}\n", address_v4(n.v4->to_uint() & mask).to_string(),
		address_v4(mask).to_string());
	for (auto const& f : firmwares(o))
	{
		for (auto const type : f.types)
		{
			if (!f.loader.empty())
			{
				text += fmt::format("pxe-service=tag:!ipxe,{},\"rawswarm\",{}\n", type, f.loader);
			}
		}
	}
	return text;
}

// no-ping: dnsmasq would try each address for seconds before it gives it.
std::string full_lines(dnsmasq_options const& o, address_range const& range)
{
	auto text = match_lines(o);
	text += fmt::format("no-ping\ndhcp-range={},{},{},1h\n", range.first.to_string(), range.last.to_string(),
		address_v4(mask_of(o.network.v4_bits)).to_string());
	for (auto const& f : firmwares(o))
	{
		if (!f.loader.empty())
		{
			text += fmt::format("dhcp-boot=tag:!ipxe,tag:{},{}\n", f.tag, f.loader);
		}
	}
	if (bios_loader(o) == boot_loader_file::bios_pxelinux)
	{
		text +=
			fmt::format("dhcp-option-force=tag:!ipxe,tag:bios,210,{}\n", server_url(o)); // its path prefix
	}
	if (o.network.v6 && is_local(*o.network.v6))
	{
		// iPXE waits 12 s for an advertisement. The lifetime of 0: this is no router.
		text += fmt::format(
			"enable-ra\nra-param={0},60,0\ndhcp-range=::,constructor:{0},ra-only\n", o.network.interface);
	}
	return text;
}

std::string ipv6_lines(dnsmasq_options const& o)
{
	auto text = fmt::format("enable-ra\n"
							"dhcp-range=::100,::ffff,constructor:{},slaac,64,1h\n"
							"dhcp-userclass=set:ipxe,iPXE\n"
							"dhcp-option=tag:ipxe,option6:bootfile-url,{}boot.ipxe\n",
		o.network.interface, server_url(o));
	if (has(o, boot_loader_file::x64))
	{
		text += fmt::format("dhcp-option=tag:!ipxe,option6:bootfile-url,tftp://[{}]/{}\n",
			o.network.v6->to_string(), boot_loader_file::x64);
	}
	return text;
}

result<void> check(dnsmasq_options const& o)
{
	auto const& n = o.network;
	bool const can = n.v4 || (n.v6 && o.mode == dnsmasq_mode::full);
	if (!can)
	{
		return fail(fault::refused, "serving DHCP on {}: it has no address{}", n.interface,
			o.mode == dnsmasq_mode::full ? "" : " of IPv4");
	}
	if (!n.v4 && !o.range.empty())
	{
		return fail(
			fault::refused, "giving the addresses {}: {} has no address of IPv4", o.range, n.interface);
	}
	if (o.secure_boot && (!has(o, boot_loader_file::shim) || !has(o, boot_loader_file::grub)))
	{
		return fail(fault::refused, "Secure Boot: boot/ needs {} and {}", boot_loader_file::shim,
			boot_loader_file::grub);
	}
	if (!is_one_line(o.state_folder))
	{
		return fail(fault::refused, "writing the configuration of dnsmasq: the room's path has a line end");
	}
	return success();
}

} // namespace

bool is_local(boost::asio::ip::address_v6 const& a)
{
	constexpr unsigned bits = 0xfe; // fc00::/7
	return (a.to_bytes()[0] & bits) == 0xfc;
}

result<std::string> dnsmasq_config(dnsmasq_options const& o)
{
	BOOST_OUTCOME_TRY(check(o));
	auto text = common_lines(o);
	if (!o.network.v4)
	{
		return text + ipv6_lines(o);
	}
	if (o.mode == dnsmasq_mode::proxy)
	{
		text += proxy_lines(o);
	}
	else
	{
		BOOST_OUTCOME_TRY(range, range_of(o));
		text += full_lines(o, range);
	}
	// The address is for iPXE, which asks a second time, on port 4011, if it is told a file without a server.
	return text
		+ fmt::format("dhcp-boot=tag:ipxe,{}boot.ipxe,,{}\n", server_url(o), o.network.v4->to_string());
}

std::string server_authority(dnsmasq_options const& o)
{
	constexpr std::uint16_t usual = 80;
	auto const host = o.network.v4 ? o.network.v4->to_string() : o.network.v6->to_string();
	if (o.http_port != usual)
	{
		return join_host_port(host, o.http_port);
	}
	return o.network.v4 ? host : fmt::format("[{}]", host);
}

bool reads_entries(dnsmasq_options const& o)
{
	return o.secure_boot
		|| (o.mode == dnsmasq_mode::proxy && bios_loader(o) == boot_loader_file::bios_pxelinux);
}

std::string missing_loaders(dnsmasq_options const& o)
{
	std::string files;
	std::string kinds;
	for (auto const& f : firmwares(o))
	{
		if (f.loader.empty())
		{
			files += fmt::format("{}{}", files.empty() ? "" : ", ", f.wanted);
			kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", f.name);
		}
	}
	return files.empty()
		? files
		: fmt::format("boot/ has no {}: machines with {} start only if their card has iPXE", files, kinds);
}

} // namespace rawswarm
