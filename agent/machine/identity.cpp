// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/identity.hpp"

#include "agent/net/address.hpp"
#include "base/interface_addresses.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/utsname.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

// The first line, without the blanks around it; empty if there is none to read.
std::string read_line(fs::path const& path)
{
	std::ifstream file(path);
	std::string line;
	std::getline(file, line);
	return std::string(trim(line));
}

bool is_all_zeros(std::string_view text)
{
	return text.find_first_not_of('0') == std::string_view::npos;
}

struct route
{
	std::string interface;
	std::uint64_t metric = 0;
};

bool leads_anywhere(std::uint32_t flags)
{
	return (flags & RTF_UP) != 0 && (flags & RTF_REJECT) == 0;
}

// Iface Destination Gateway Flags RefCnt Use Metric Mask …
std::optional<route> parse_ipv4_default(std::vector<std::string_view> const& words)
{
	if (words.size() < 8 || !is_all_zeros(words[1]) || !is_all_zeros(words[7]))
	{
		return {};
	}
	auto const flags = parse_number<std::uint32_t>(words[3], 16);
	auto const metric = parse_number<std::uint64_t>(words[6]);
	if (!flags || !metric || !leads_anywhere(*flags))
	{
		return {};
	}
	return route{std::string(words[0]), *metric};
}

// destination length source length gateway metric refcnt use flags iface
std::optional<route> parse_ipv6_default(std::vector<std::string_view> const& words)
{
	if (words.size() < 10 || !is_all_zeros(words[0]) || !is_all_zeros(words[1]))
	{
		return {};
	}
	auto const metric = parse_number<std::uint64_t>(words[5], 16);
	auto const flags = parse_number<std::uint32_t>(words[8], 16);
	if (!flags || !metric || !leads_anywhere(*flags))
	{
		return {};
	}
	return route{std::string(words[9]), *metric};
}

// The interface of the default route with the smallest metric, the first of several; else empty.
std::string default_interface(
	fs::path const& table, std::optional<route> (*parse)(std::vector<std::string_view> const&))
{
	route best{{}, std::numeric_limits<std::uint64_t>::max()};
	std::ifstream file(table);
	for (std::string line; std::getline(file, line);)
	{
		if (auto const found = parse(split_words(line)); found && found->metric < best.metric)
		{
			best = *found;
		}
	}
	return best.interface;
}

// Lower case; empty for an interface without one, such as a tunnel, or with all zeros, as loopback.
std::string hardware_address(fs::path const& interface)
{
	auto const address = lower_case(read_line(interface / "address"));
	return address.find_first_not_of("0:") == std::string::npos ? std::string() : address;
}

struct network_interface
{
	bool down;
	std::uint32_t index; // of the kernel: the order in which they appeared
	std::string mac;
	std::string name;
};

// The interfaces with a hardware address, loopback aside.
std::vector<network_interface> list_interfaces(fs::path const& net)
{
	std::vector<network_interface> interfaces;
	std::error_code ec;
	for (fs::directory_iterator entry(net, ec); !ec && entry != fs::directory_iterator(); entry.increment(ec))
	{
		auto const& path = entry->path();
		auto const flags =
			parse_number<std::uint32_t>(without_hex_prefix(read_line(path / "flags")), 16).value_or(0);
		auto mac = hardware_address(path);
		if ((flags & IFF_LOOPBACK) == 0 && !mac.empty())
		{
			auto const index = parse_number<std::uint32_t>(read_line(path / "ifindex"));
			interfaces.push_back({(flags & IFF_UP) == 0, index.value_or(UINT32_MAX), std::move(mac),
				path.filename().string()});
		}
	}
	return interfaces;
}

// The interface by which this machine is known. Both are empty if there is none.
struct chosen_interface
{
	std::string name;
	std::string mac;
};

chosen_interface choose_interface(identity_files const& files)
{
	auto const net = files.sys / "class/net";
	for (auto const& name : {default_interface(files.proc / "net/route", parse_ipv4_default),
			 default_interface(files.proc / "net/ipv6_route", parse_ipv6_default)})
	{
		if (auto mac = name.empty() ? std::string() : hardware_address(net / name); !mac.empty())
		{
			return {name, std::move(mac)};
		}
	}
	auto const interfaces = list_interfaces(net);
	auto const first = std::ranges::min_element(
		interfaces, {}, [](network_interface const& i) { return std::tie(i.down, i.index, i.mac); });
	return first == interfaces.end() ? chosen_interface() : chosen_interface{first->name, first->mac};
}

// The one with the address, or, as boot loaders know an InfiniBand port, whose address ends in it; else the
// one that the machine would choose itself.
chosen_interface choose_interface(std::string const& boot_mac, identity_files const& files)
{
	if (boot_mac.empty())
	{
		return choose_interface(files);
	}
	auto const interfaces = list_interfaces(files.sys / "class/net");
	auto const found = std::ranges::find_if(
		interfaces, [&boot_mac](network_interface const& i) { return i.mac.ends_with(boot_mac); });
	return {found == interfaces.end() ? choose_interface(files).name : found->name, boot_mac};
}

// Empty if it has none.
std::string ipv4_address(std::string const& interface)
{
	std::string found;
	for_each_interface_address([&](ifaddrs const& i) {
		if (!found.empty() || i.ifa_addr == nullptr || i.ifa_addr->sa_family != AF_INET
			|| interface != i.ifa_name)
		{
			return;
		}
		sockaddr_in address{};
		std::memcpy(&address, i.ifa_addr, sizeof address);
		std::array<char, INET_ADDRSTRLEN> text{};
		if (::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size()) != nullptr)
		{
			found = text.data();
		}
	});
	return found;
}

// The name of a kernel that was given none is "(none)".
std::string find_hostname()
{
	utsname names{};
	if (::uname(&names) != 0)
	{
		return {};
	}
	std::string name(std::data(names.nodename));
	return name == "(none)" ? std::string() : name;
}

} // namespace

machine_identity read_identity(std::string const& boot_mac, identity_files const& files)
{
	auto const dmi = files.sys / "class/dmi/id";
	auto const interface = choose_interface(boot_mac, files);
	machine_identity self{interface.mac, read_line(dmi / "product_serial"), read_line(dmi / "product_uuid"),
		find_hostname(), ipv4_address(interface.name)};
	for (auto& other : list_interfaces(files.sys / "class/net"))
	{
		self.macs.push_back(std::move(other.mac));
	}
	return self;
}

} // namespace rawswarm
