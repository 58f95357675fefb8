// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/identity.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include <sched.h>
#include <unistd.h>

namespace
{

using namespace rawswarm;
using rawswarm::test::write_file;
namespace fs = std::filesystem;

// As the kernel writes it: the end of each line is padded with blanks.
constexpr auto route_header =
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT       \n";

// A small /sys and /proc of the test's own.
class identity : public ::testing::Test
{
protected:
	identity()
	{
		fs::create_directories(sys());
		fs::create_directories(proc() / "net");
	}

	fs::path sys() const { return m_root.path() / "sys"; }
	fs::path proc() const { return m_root.path() / "proc"; }
	identity_files files() const { return {sys(), proc()}; }

	void add_interface(std::string const& name, int index, std::string const& flags, std::string const& mac)
	{
		auto const folder = sys() / "class/net" / name;
		write_file(folder / "ifindex", fmt::format("{}\n", index));
		write_file(folder / "flags", flags + "\n");
		write_file(folder / "address", mac + "\n");
	}

	void add_loopback() { add_interface("lo", 1, "0x9", "00:00:00:00:00:00"); }

	void set_routes(std::string const& lines) { write_file(proc() / "net/route", route_header + lines); }

	std::string mac() const { return read_identity({}, files()).mac; }

private:
	test::temp_dir m_root;
};

constexpr auto up = "0x1003";
constexpr auto down = "0x1002";

TEST_F(identity, mac_is_that_of_the_interface_with_the_default_route)
{
	add_loopback();
	add_interface("eth0", 2, up, "52:54:00:00:00:02");
	add_interface("eth1", 3, up, "52:54:00:00:00:AB");
	set_routes("eth0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n"
			   "eth1\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	EXPECT_EQ(mac(), "52:54:00:00:00:ab");
}

TEST_F(identity, default_route_with_the_smallest_metric_counts)
{
	add_interface("eth0", 2, up, "52:54:00:00:00:02");
	add_interface("eth1", 3, up, "52:54:00:00:00:03");
	set_routes("eth0\t00000000\t0100000A\t0003\t0\t0\t200\t00000000\t0\t0\t0\n"
			   "eth1\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	EXPECT_EQ(mac(), "52:54:00:00:00:03");
}

TEST_F(identity, half_of_the_address_space_is_no_default_route)
{
	add_interface("eth0", 2, up, "52:54:00:00:00:02");
	add_interface("eth1", 3, up, "52:54:00:00:00:03");
	set_routes("eth1\t00000000\t0100000A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n");
	EXPECT_EQ(mac(), "52:54:00:00:00:02");
}

TEST_F(identity, rejecting_route_leads_nowhere)
{
	add_interface("eth0", 2, up, "52:54:00:00:00:02");
	add_interface("eth1", 3, up, "52:54:00:00:00:03");
	set_routes("eth1\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n");
	EXPECT_EQ(mac(), "52:54:00:00:00:02");
}

TEST_F(identity, default_route_of_ipv6_counts_where_there_is_none_of_ipv4)
{
	add_loopback();
	add_interface("eth0", 2, up, "52:54:00:00:00:02");
	add_interface("eth1", 3, up, "52:54:00:00:00:03");
	set_routes("");
	std::string const none(32, '0');
	write_file(proc() / "net/ipv6_route",
		none + " 00 " + none
			+ " 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003"
			  "     eth1\n"
			+ none + " 00 " + none + " 00 " + none + " ffffffff 00000001 00000000 00200200       lo\n");
	EXPECT_EQ(mac(), "52:54:00:00:00:03");
}

TEST_F(identity, interface_without_an_address_is_passed_over)
{
	add_interface("eth0", 2, up, "52:54:00:00:00:02");
	add_interface("wg0", 3, up, "");
	set_routes("wg0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n");
	EXPECT_EQ(mac(), "52:54:00:00:00:02");
}

TEST_F(identity, without_routes_the_first_interface_that_is_up_counts)
{
	add_loopback();
	add_interface("eth0", 2, down, "52:54:00:00:00:02");
	add_interface("eth10", 4, up, "52:54:00:00:00:10");
	add_interface("eth2", 12, up, "52:54:00:00:00:12");
	EXPECT_EQ(mac(), "52:54:00:00:00:10");
}

TEST_F(identity, with_all_interfaces_down_the_first_counts)
{
	add_loopback();
	add_interface("eth1", 3, down, "52:54:00:00:00:03");
	add_interface("eth0", 2, down, "52:54:00:00:00:02");
	EXPECT_EQ(mac(), "52:54:00:00:00:02");
}

TEST_F(identity, what_is_not_to_be_had_is_empty)
{
	add_loopback();
	write_file(proc() / "net/route", "torn line\n\neth0\t00000000\n");
	auto const self = read_identity({}, files());
	EXPECT_EQ(self.mac, "");
	EXPECT_EQ(self.serial, "");
	EXPECT_EQ(self.uuid, "");
	EXPECT_EQ(read_identity({}, {sys() / "missing", proc() / "missing"}).mac, "");
}

TEST_F(identity, serial_and_uuid_are_those_of_the_product)
{
	write_file(sys() / "class/dmi/id/product_serial", "  PF 1234 \n");
	write_file(sys() / "class/dmi/id/product_uuid", "4c4c4544-0042-3510-8051-b3c04f4d3032\n");
	auto const self = read_identity({}, files());
	EXPECT_EQ(self.serial, "PF 1234");
	EXPECT_EQ(self.uuid, "4c4c4544-0042-3510-8051-b3c04f4d3032");
}

TEST_F(identity, card_of_the_boot_counts_before_the_default_route)
{
	add_interface("eth0", 2, up, "52:54:00:00:00:02");
	EXPECT_EQ(read_identity("52:54:00:00:00:99", files()).mac, "52:54:00:00:00:99");
}

// The kernel is asked by name, and every machine has this one.
TEST_F(identity, address_is_that_of_the_card_of_the_boot)
{
	add_interface("lo", 1, "0x3", "52:54:00:00:00:01"); // not loopback here
	add_interface("none0", 2, up, "52:54:00:00:00:02");
	set_routes("none0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	EXPECT_EQ(read_identity("52:54:00:00:00:01", files()).ip, "127.0.0.1");
	EXPECT_EQ(read_identity("52:54:00:00:00:02", files()).ip, "");
}

TEST_F(identity, address_is_that_of_the_default_route_if_no_card_has_the_one_of_the_boot)
{
	add_interface("lo", 1, "0x3", "52:54:00:00:00:01");
	set_routes("lo\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	EXPECT_EQ(read_identity("52:54:00:00:00:99", files()).ip, "127.0.0.1");
	EXPECT_EQ(read_identity({}, files()).ip, "127.0.0.1");
}

// A boot loader knows the port, the kernel a longer address.
TEST_F(identity, infiniband_port_is_found_by_the_end_of_its_address)
{
	add_interface("none0", 2, up, "52:54:00:00:00:02");
	add_interface("lo", 1, "0x3", "80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:0a:bc:de");
	auto const self = read_identity("00:02:c9:03:00:0a:bc:de", files());
	EXPECT_EQ(self.ip, "127.0.0.1");
	EXPECT_EQ(self.mac, "00:02:c9:03:00:0a:bc:de");
}

// The host name that read_identity finds once the kernel was given this one; empty: it may not be.
std::optional<std::string> hostname_when_named(std::string_view name)
{
	std::optional<std::string> found;
	std::thread([&] {
		// Only this thread gets a name space of its own.
		if (::unshare(CLONE_NEWUTS) == 0 && ::sethostname(name.data(), name.size()) == 0)
		{
			found = read_identity({}, {"/missing", "/missing"}).hostname;
		}
	}).join();
	return found;
}

TEST(identity_hostname, is_the_kernels_and_none_is_empty)
{
	auto const named = hostname_when_named("pc-07");
	if (!named)
	{
		GTEST_SKIP() << "naming the machine needs root";
	}
	EXPECT_EQ(named, "pc-07");
	EXPECT_EQ(hostname_when_named("(none)"), "");
}

} // namespace
