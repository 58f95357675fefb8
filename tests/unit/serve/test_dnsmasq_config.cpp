// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/dnsmasq_config.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

namespace
{

using test::value_of;

boost::asio::ip::address_v4 v4(char const* const text)
{
	return boost::asio::ip::make_address_v4(text);
}

dnsmasq_options with_all_loaders(dnsmasq_mode const mode)
{
	dnsmasq_options o;
	o.mode = mode;
	o.network = {"room0", v4("10.1.2.3"), 24, {}};
	o.loaders = {"undionly.kpxe", "snponly.efi", "ipxe-arm64.efi", "lpxelinux.0", "ldlinux.c32",
		"shimx64.efi", "grubx64.efi"};
	o.state_folder = "/srv/room/state";
	return o;
}

dnsmasq_options without_ipv4()
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	o.network = {"room0", {}, 0, boost::asio::ip::make_address_v6("fd00:78::1")};
	return o;
}

// One of each form that there is.
std::map<std::string, dnsmasq_options> all_forms()
{
	std::map<std::string, dnsmasq_options> forms;
	for (auto const mode : {dnsmasq_mode::proxy, dnsmasq_mode::full})
	{
		std::string const name = mode == dnsmasq_mode::proxy ? "proxy" : "full";
		auto const all = with_all_loaders(mode);
		auto none = all;
		none.loaders.clear();
		auto pxelinux = all;
		pxelinux.loaders.erase("undionly.kpxe");
		auto secure = all;
		secure.secure_boot = true;
		auto port = all;
		port.http_port = 8080;
		auto paths = all;
		paths.state_folder = R"(/srv/a room, #1 "of" \many/state)";
		forms.insert({{name, all}, {name + " without loaders", none}, {name + " with PXELINUX", pxelinux},
			{name + " with Secure Boot", secure}, {name + " on a port", port},
			{name + " of odd paths", paths}});
	}
	auto range = with_all_loaders(dnsmasq_mode::full);
	range.range = "10.1.2.100,10.1.2.110";
	auto dual = with_all_loaders(dnsmasq_mode::full);
	dual.network.v6 = without_ipv4().network.v6;
	forms.insert({{"full with a range", range}, {"full with both families", dual},
		{"full without IPv4", without_ipv4()}});
	return forms;
}

bool has(std::string_view const text, std::string_view const part)
{
	return text.find(part) != std::string_view::npos;
}

std::string text_of(dnsmasq_options const& o)
{
	return value_of(dnsmasq_config(o));
}

std::string error_of(dnsmasq_options const& o)
{
	auto const r = dnsmasq_config(o);
	EXPECT_FALSE(r.has_value());
	return r.has_value() ? std::string() : r.error().text;
}

TEST(dnsmasq_config, dnsmasq_itself_finds_no_fault_in_any_form)
{
	SKIP_WITHOUT("dnsmasq");
	test::temp_dir const dir;
	for (auto const& [name, options] : all_forms())
	{
		test::write_file(dir / "conf", text_of(options));
		auto const checked =
			test::run(std::vector<std::string>{"dnsmasq", "--test", "--conf-file=" + (dir / "conf")});
		EXPECT_EQ(checked.exit_code, 0) << name << ": " << checked.err << text_of(options);
	}
}

TEST(dnsmasq_config, serves_one_interface_and_no_names)
{
	for (auto const& [name, options] : all_forms())
	{
		auto const text = text_of(options);
		EXPECT_TRUE(has(text, "\ninterface=room0\nexcept-interface=lo\nbind-interfaces\n")) << name;
		EXPECT_TRUE(has(text, "\nport=0\n")) << name;
	}
}

TEST(dnsmasq_config, beside_a_dhcp_server_gives_no_address)
{
	auto const text = text_of(with_all_loaders(dnsmasq_mode::proxy));
	EXPECT_TRUE(has(text, "\ndhcp-range=10.1.2.0,proxy,255.255.255.0\n"));
	EXPECT_FALSE(has(text, "1h"));
	EXPECT_FALSE(has(text, "enable-ra"));
}

TEST(dnsmasq_config, offers_each_firmware_its_ipxe_beside_a_dhcp_server)
{
	auto const text = text_of(with_all_loaders(dnsmasq_mode::proxy));
	EXPECT_TRUE(has(text, "\npxe-service=tag:!ipxe,0,\"rawswarm\",undionly.kpxe\n"));
	EXPECT_TRUE(has(text, "\npxe-service=tag:!ipxe,7,\"rawswarm\",snponly.efi\n"));
	EXPECT_TRUE(has(text, "\npxe-service=tag:!ipxe,9,\"rawswarm\",snponly.efi\n"));
	EXPECT_TRUE(has(text, "\npxe-service=tag:!ipxe,11,\"rawswarm\",ipxe-arm64.efi\n"));
}

TEST(dnsmasq_config, offers_each_firmware_its_ipxe_with_addresses)
{
	auto const text = text_of(with_all_loaders(dnsmasq_mode::full));
	EXPECT_TRUE(has(text, "\ndhcp-boot=tag:!ipxe,tag:bios,undionly.kpxe\n"));
	EXPECT_TRUE(has(text, "\ndhcp-boot=tag:!ipxe,tag:x64,snponly.efi\n"));
	EXPECT_TRUE(has(text, "\ndhcp-boot=tag:!ipxe,tag:arm64,ipxe-arm64.efi\n"));
}

TEST(dnsmasq_config, sends_ipxe_to_the_server)
{
	for (auto const mode : {dnsmasq_mode::proxy, dnsmasq_mode::full})
	{
		auto o = with_all_loaders(mode);
		EXPECT_TRUE(has(text_of(o), "\ndhcp-boot=tag:ipxe,http://10.1.2.3/boot.ipxe,,10.1.2.3\n"));
		o.http_port = 8080;
		EXPECT_TRUE(has(text_of(o), "\ndhcp-boot=tag:ipxe,http://10.1.2.3:8080/boot.ipxe,,10.1.2.3\n"));
	}
}

TEST(dnsmasq_config, offers_pxelinux_by_http_where_there_is_no_ipxe_for_bios)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	EXPECT_FALSE(has(text_of(o), "lpxelinux"));
	o.loaders.erase("undionly.kpxe");
	auto const text = text_of(o);
	EXPECT_TRUE(has(text, "\ndhcp-boot=tag:!ipxe,tag:bios,lpxelinux.0\n"));
	EXPECT_TRUE(has(text, "\ndhcp-option-force=tag:!ipxe,tag:bios,210,http://10.1.2.3/\n"));
}

TEST(dnsmasq_config, offers_no_pxelinux_without_its_library)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	o.loaders = {"lpxelinux.0"};
	EXPECT_FALSE(has(text_of(o), "lpxelinux"));
}

TEST(dnsmasq_config, offers_the_shim_only_if_secure_boot_is_asked_for)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	EXPECT_FALSE(has(text_of(o), "shimx64.efi"));
	o.secure_boot = true;
	auto const text = text_of(o);
	EXPECT_TRUE(has(text, "\ndhcp-boot=tag:!ipxe,tag:x64,shimx64.efi\n"));
	EXPECT_FALSE(has(text, "snponly.efi"));
}

TEST(dnsmasq_config, refuses_secure_boot_without_its_loaders)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	o.secure_boot = true;
	o.loaders.erase("grubx64.efi");
	EXPECT_EQ(error_of(o), "Secure Boot: boot/ needs shimx64.efi and grubx64.efi");
}

TEST(dnsmasq_config, gives_the_upper_half_of_the_network)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	EXPECT_TRUE(has(text_of(o), "\ndhcp-range=10.1.2.128,10.1.2.254,255.255.255.0,1h\n"));
	o.network.v4_bits = 22;
	EXPECT_TRUE(has(text_of(o), "\ndhcp-range=10.1.2.0,10.1.3.254,255.255.252.0,1h\n"));
	o.network.v4_bits = 29;
	EXPECT_TRUE(has(text_of(o), "\ndhcp-range=10.1.2.4,10.1.2.6,255.255.255.248,1h\n"));
	o.network.v4_bits = 1;
	EXPECT_TRUE(has(text_of(o), "\ndhcp-range=64.0.0.0,127.255.255.254,128.0.0.0,1h\n"));
}

TEST(dnsmasq_config, refuses_a_network_that_is_no_room)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	for (auto const bits : {0U, 30U, 31U, 32U})
	{
		o.network.v4_bits = bits;
		EXPECT_TRUE(has(error_of(o), "giving addresses on room0: 10.1.2.3/"));
	}
}

TEST(dnsmasq_config, gives_the_range_that_was_named)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	o.range = "10.1.2.100,10.1.2.110";
	EXPECT_TRUE(has(text_of(o), "\ndhcp-range=10.1.2.100,10.1.2.110,255.255.255.0,1h\n"));
}

TEST(dnsmasq_config, refuses_a_range_that_is_none)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	for (auto const* const range : {"10.1.2.100", "10.1.2.100,", ",10.1.2.100", "10.1.2.100,10.1.2.99", "a,b",
			 "10.1.2.100,10.1.2.110,2h", "10.1.2.100,10.1.2.110\nuser=x"})
	{
		o.range = range;
		EXPECT_TRUE(has(error_of(o), "not FIRST,LAST of IPv4")) << range;
	}
	o.range = "10.1.2.100,10.1.3.100";
	EXPECT_EQ(error_of(o),
		"giving the addresses 10.1.2.100,10.1.3.100: 10.1.3.100 is not in the network 10.1.2.3/24 of room0");
}

TEST(dnsmasq_config, serves_ipv6_where_there_is_no_ipv4)
{
	auto const text = text_of(without_ipv4());
	EXPECT_TRUE(has(text, "\ndhcp-range=::100,::ffff,constructor:room0,slaac,64,1h\n"));
	EXPECT_TRUE(has(text, "option6:bootfile-url,http://[fd00:78::1]/boot.ipxe\n"));
	EXPECT_TRUE(has(text, "option6:bootfile-url,tftp://[fd00:78::1]/snponly.efi\n"));
}

TEST(dnsmasq_config, advertises_a_network_of_ipv6_only_if_it_is_the_sites_own)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	EXPECT_FALSE(has(text_of(o), "enable-ra"));
	o.network.v6 = boost::asio::ip::make_address_v6("2001:db8::1");
	EXPECT_FALSE(has(text_of(o), "enable-ra"));
	o.network.v6 = without_ipv4().network.v6;
	EXPECT_TRUE(has(text_of(o), "\nra-param=room0,60,0\ndhcp-range=::,constructor:room0,ra-only\n"));
}

TEST(dnsmasq_config, needs_an_address_that_its_mode_can_use)
{
	auto proxy = without_ipv4();
	proxy.mode = dnsmasq_mode::proxy;
	EXPECT_EQ(error_of(proxy), "serving DHCP on room0: it has no address of IPv4");
	auto none = without_ipv4();
	none.network.v6.reset();
	EXPECT_EQ(error_of(none), "serving DHCP on room0: it has no address");
}

TEST(dnsmasq_config, refuses_a_path_that_would_add_a_line)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	o.state_folder = "/srv/room\nuser=nobody";
	EXPECT_TRUE(has(error_of(o), "line end"));
}

TEST(dnsmasq_config, has_entries_for_each_machine_where_loaders_have_no_http)
{
	for (auto const mode : {dnsmasq_mode::proxy, dnsmasq_mode::full})
	{
		auto o = with_all_loaders(mode);
		EXPECT_FALSE(reads_entries(o));
		o.secure_boot = true;
		EXPECT_TRUE(reads_entries(o));
		o.secure_boot = false;
		o.loaders.erase("undionly.kpxe");
		EXPECT_EQ(reads_entries(o), mode == dnsmasq_mode::proxy);
	}
}

TEST(missing_loaders, are_one_sentence_on_those_who_miss_them)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	EXPECT_EQ(missing_loaders(o), "");
	o.loaders = {"undionly.kpxe"};
	EXPECT_EQ(missing_loaders(o),
		"boot/ has no snponly.efi, ipxe-arm64.efi: machines with UEFI on x86-64, UEFI on "
		"aarch64 start only if their card has iPXE");
}

TEST(missing_loaders, do_not_have_what_pxelinux_stands_in_for)
{
	auto o = with_all_loaders(dnsmasq_mode::full);
	o.loaders.erase("undionly.kpxe");
	EXPECT_EQ(missing_loaders(o), "");
}

} // namespace

} // namespace rawswarm
