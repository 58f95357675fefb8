// SPDX-License-Identifier: BSD-3-Clause
// dnsmasq as the child of a room's server, in a network of its own.
#include "agent/serve/dnsmasq.hpp"
#include "agent/serve/dnsmasq_setup.hpp"
#include "agent/serve/tftp_folder.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/network/own_network.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using test::value_of;

constexpr auto patience = 20s;

bool is_gone(pid_t const pid)
{
	return ::kill(pid, 0) == -1 && errno == ESRCH;
}

bool ends_in_time(pid_t const pid)
{
	auto const until = std::chrono::steady_clock::now() + patience;
	while (!is_gone(pid) && std::chrono::steady_clock::now() < until)
	{
		std::this_thread::sleep_for(10ms);
	}
	return is_gone(pid);
}

class dnsmasq_child : public testing::Test
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT_ROOT();
		SKIP_WITHOUT("dnsmasq");
		SKIP_WITHOUT("ip");
		m_network.emplace();
		test::own_network::ip("link add name room0 type bridge");
		test::own_network::ip("address add 10.1.2.3/24 dev room0");
		test::own_network::ip("link set room0 up");
		std::filesystem::create_directories(m_dir.path() / "room/boot");
		test::write_file(m_dir / "room/boot/undionly.kpxe", "iPXE");
		ASSERT_TRUE(tftp_folder::make(m_dir / "room"));
		serve_options options;
		options.folder = m_dir / "room";
		options.dnsmasq = dnsmasq_mode::full;
		auto const made = value_of(make_dnsmasq_options(options, 80));
		EXPECT_EQ(made.network.interface, "room0");
		test::write_file(m_dir / "conf", value_of(dnsmasq_config(made)));
	}

	result<std::unique_ptr<dnsmasq>> start(std::string const& program = "dnsmasq")
	{
		return dnsmasq::start(m_ios, program, m_dir / "conf",
			{.on_line = [this](std::string_view const line) { m_lines += std::string(line) + "\n"; },
				.on_end = [this](error why) { m_end = std::move(why.text); }});
	}

	template <class F>
	bool run_until(F const done)
	{
		auto const until = std::chrono::steady_clock::now() + patience;
		while (!done() && std::chrono::steady_clock::now() < until)
		{
			m_ios.run_one_for(100ms);
			m_ios.restart();
		}
		return done();
	}

	bool is_up() const { return m_lines.find("TFTP root is") != std::string::npos; }

	test::temp_dir m_dir;
	std::optional<test::own_network> m_network;
	boost::asio::io_context m_ios;
	std::string m_lines;
	std::string m_end;
};

TEST_F(dnsmasq_child, serves_until_it_is_destroyed)
{
	auto child = value_of(start());
	EXPECT_TRUE(run_until([this] { return is_up(); })) << m_lines << m_end;
	auto const pid = child->pid();
	EXPECT_FALSE(is_gone(pid));
	child.reset();
	EXPECT_TRUE(is_gone(pid));
	EXPECT_EQ(m_end, "");
}

TEST_F(dnsmasq_child, ends_with_a_server_that_is_killed)
{
	std::array<int, 2> ends{};
	ASSERT_EQ(::pipe(ends.data()), 0);
	pid_t const server = ::fork();
	if (server == 0)
	{
		auto const child = value_of(start());
		bool const up = run_until([this] { return is_up(); });
		pid_t const pid = up ? child->pid() : -1;
		[[maybe_unused]] auto const n = ::write(ends[1], &pid, sizeof pid);
		for (;;)
		{
			::pause();
		}
	}
	pid_t pid = -1;
	ASSERT_EQ(::read(ends[0], &pid, sizeof pid), ssize_t(sizeof pid));
	ASSERT_GT(pid, 0);
	EXPECT_FALSE(is_gone(pid));
	::kill(server, SIGKILL);
	::waitpid(server, nullptr, 0);
	EXPECT_TRUE(ends_in_time(pid));
	::close(ends[0]);
	::close(ends[1]);
}

TEST_F(dnsmasq_child, keeps_no_capability_that_dhcp_does_not_need)
{
	auto const child = value_of(start());
	ASSERT_TRUE(run_until([this] { return is_up(); })) << m_lines << m_end;
	auto const status = test::read_file("/proc/" + std::to_string(child->pid()) + "/status");
	// CAP_DAC_READ_SEARCH 2, CAP_NET_BIND_SERVICE 10, CAP_NET_ADMIN 12, CAP_NET_RAW 13
	EXPECT_NE(status.find("CapEff:\t0000000000003404\n"), std::string::npos) << status;
}

TEST_F(dnsmasq_child, says_which_port_is_in_use)
{
	int const other = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	sockaddr_in where{};
	where.sin_family = AF_INET;
	where.sin_port = htons(69);
	ASSERT_EQ(::inet_pton(AF_INET, "10.1.2.3", &where.sin_addr), 1);
	ASSERT_EQ(::bind(other, reinterpret_cast<sockaddr const*>(&where), sizeof where), 0);
	auto const child = value_of(start());
	EXPECT_TRUE(run_until([this] { return !m_end.empty(); }));
	EXPECT_EQ(
		m_end, "running dnsmasq: failed to create listening socket for 10.1.2.3: Address already in use");
	::close(other);
}

TEST_F(dnsmasq_child, may_be_destroyed_when_it_has_ended)
{
	std::unique_ptr<dnsmasq> child;
	child = value_of(dnsmasq::start(m_ios, "dnsmasq", m_dir / "conf", {.on_end = [&](error why) {
		m_end = std::move(why.text);
		child.reset();
	}}));
	::kill(child->pid(), SIGKILL);
	EXPECT_TRUE(run_until([this] { return !m_end.empty(); }));
	EXPECT_EQ(child, nullptr);
}

TEST_F(dnsmasq_child, is_not_started_with_a_configuration_that_is_wrong)
{
	test::write_file(m_dir / "conf", "port=0\nno-such-option\n");
	auto const child = start();
	ASSERT_FALSE(child.has_value());
	EXPECT_EQ(child.error().text, "running dnsmasq: bad option at line 2 of " + (m_dir / "conf"));
}

TEST_F(dnsmasq_child, is_missed_by_its_name)
{
	auto const child = start("no-such-dnsmasq");
	ASSERT_FALSE(child.has_value());
	EXPECT_EQ(child.error().kind, fault::refused);
	EXPECT_EQ(child.error().text, "running no-such-dnsmasq: it is not installed");
}

TEST_F(dnsmasq_child, is_not_for_an_interface_that_nobody_can_choose)
{
	test::own_network::ip("link add name room1 type bridge");
	test::own_network::ip("address add 10.1.3.3/24 dev room1");
	test::own_network::ip("link set room1 up");
	EXPECT_EQ(find_dnsmasq_network("").error().text,
		"serving DHCP: name the interface that the machines are on (--interface): room0, room1");
	EXPECT_EQ(value_of(find_dnsmasq_network("room1")).v4->to_string(), "10.1.3.3");
	EXPECT_EQ(
		find_dnsmasq_network("room2").error().text, "serving DHCP on room2: there is no such interface");
	EXPECT_EQ(find_dnsmasq_network("lo").error().text,
		"serving DHCP on lo: it is down, or no machine can be on it");
}

} // namespace

} // namespace rawswarm
