// SPDX-License-Identifier: BSD-3-Clause
// The configuration of dnsmasq that lets machines boot from the network: what to load for each kind of
// firmware, and, in full mode, addresses. Pure: text from values.
//
// Machines with iPXE, in the card or loaded, are sent to http://SERVER/boot.ipxe. Others load iPXE by TFTP,
// or PXELINUX (BIOS) where there is no iPXE for them, or the shim (UEFI on x86-64) if Secure Boot is asked
// for. dnsmasq is bound to one interface and serves no names.
//
// Sources: dnsmasq(8); RFC 4578 and the IANA list of processor architecture types for the kinds of firmware;
// RFC 5071 for PXELINUX's options.
#pragma once

#include "agent/serve/serve_options.hpp"
#include "base/result.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace rawswarm
{

// The interface that machines are on, and this server's address there.
struct dnsmasq_network
{
	std::string interface;
	std::optional<boost::asio::ip::address_v4> v4;
	unsigned v4_bits = 0; // of the network
	std::optional<boost::asio::ip::address_v6> v6; // not a link-local one
};

// Whether it is a site's own (RFC 4193, fc00::/7), so that nobody but us advertises its network.
bool is_local(boost::asio::ip::address_v6 const& a);

struct dnsmasq_options
{
	dnsmasq_mode mode = dnsmasq_mode::full; // not none
	dnsmasq_network network;
	std::uint16_t http_port = 80;
	// FIRST,LAST: the addresses to give, in full mode. Empty: the upper half of the network.
	std::string range;
	std::set<std::string> loaders; // those of boot_loader_files that are there
	bool secure_boot = false; // the shim in place of iPXE for UEFI on x86-64
	std::string state_folder; // has tftp/, where the loaders are and nothing else, and the leases
};

// The names that loaders have in a room's boot/.
namespace boot_loader_file
{
inline constexpr std::string_view bios = "undionly.kpxe"; // iPXE
inline constexpr std::string_view bios_pxelinux = "lpxelinux.0"; // PXELINUX with HTTP
inline constexpr std::string_view bios_pxelinux_library = "ldlinux.c32";
inline constexpr std::string_view x64 = "snponly.efi"; // iPXE
inline constexpr std::string_view arm64 = "ipxe-arm64.efi"; // iPXE
inline constexpr std::string_view shim = "shimx64.efi";
inline constexpr std::string_view grub = "grubx64.efi"; // loaded by the shim
} // namespace boot_loader_file

// fault::refused: the interface has no address that the mode can use, the network is too small, the range is
// not in it, Secure Boot is asked for and its loaders are not there, or a path cannot be written down.
result<std::string> dnsmasq_config(dnsmasq_options const& options);

// This server in the URLs of machines on the interface, HOST or HOST:PORT. The options are good ones.
std::string server_authority(dnsmasq_options const& options);

// Whether machines may load what has no HTTP then, so that entries for each machine have to be in tftp/:
// GRUB, and PXELINUX beside a DHCP server, which cannot be told a URL there.
bool reads_entries(dnsmasq_options const& options);

// One sentence on the machines that find no loader, for the log. Empty: every kind does.
std::string missing_loaders(dnsmasq_options const& options);

} // namespace rawswarm
