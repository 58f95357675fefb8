// SPDX-License-Identifier: BSD-3-Clause
// Peers and trackers by name: name servers that are silent, names that are unknown at first.
#include "base/unique_fd.hpp"
#include "tests/support/base/count_of.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/throw_errno.hpp"
#include "tests/support/network/http_tracker.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/network/own_network.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr char const* good_server = "127.0.0.1";
constexpr char const* silent_server = "127.0.0.2";

// Takes questions and answers none.
unique_fd be_silent_at(char const* const address)
{
	unique_fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	sockaddr_in at{};
	at.sin_family = AF_INET;
	at.sin_port = htons(53);
	if (!fd || ::inet_pton(AF_INET, address, &at.sin_addr) != 1
		|| ::bind(fd.get(), reinterpret_cast<sockaddr const*>(&at), sizeof(at)) != 0)
	{
		throw_errno("a name server that is silent");
	}
	return fd;
}

class peer_names : public ::testing::Test
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT_ROOT();
		SKIP_WITHOUT("ip");
		SKIP_WITHOUT("dnsmasq");
		m_network = std::make_unique<own_network>();
		m_image = std::make_unique<prepared_image>(extent_layout{.count = 20});
		m_seeder = std::make_unique<seeding_agent>(m_image->torrent_path, m_image->source_path);
	}

	// Knows one name.
	void start_name_server(std::string const& name, std::string const& address = good_server)
	{
		child_options options;
		options.argv = {"dnsmasq", "-k", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--user=root",
			"--pid-file=", "--bind-interfaces", "--listen-address=" + address,
			"--address=/" + name + "/127.0.0.1"};
		m_name_server = std::make_unique<child_process>(options);
	}

	// A machine with this /etc/resolv.conf, whose job names the seeder by a name.
	std::unique_ptr<child_process> start_client(std::string const& resolv_conf, std::string const& name)
	{
		auto job = loopback_job();
		job["swarm"]["peers"] = {name + ":" + std::to_string(m_seeder->port())};
		return start_client_of(job, resolv_conf);
	}

	std::unique_ptr<child_process> start_client_of(nlohmann::json job, std::string const& resolv_conf)
	{
		write_file(m_dir / "resolv.conf", resolv_conf);
		job["targets"].push_back(image_target(m_image->torrent_path, m_dir / "target.img"));
		auto options = run_command(m_dir, job);
		std::vector<std::string> argv{"unshare", "--mount", "sh", "-c",
			"mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"", m_dir / "resolv.conf"};
		argv.insert(argv.end(), options.argv.begin(), options.argv.end());
		options.argv = argv;
		return std::make_unique<child_process>(options);
	}

	std::unique_ptr<own_network> m_network;
	std::unique_ptr<prepared_image> m_image;
	std::unique_ptr<seeding_agent> m_seeder;
	std::unique_ptr<child_process> m_name_server;
	temp_dir m_dir;
};

} // namespace

// The C library asks the first server for five seconds before it asks the second one.
TEST_F(peer_names, peer_is_found_although_the_first_name_server_is_silent)
{
	auto const silent = be_silent_at(silent_server);
	start_name_server("server.lab.example");
	auto const client = start_client(
		std::string("search lab.example\nnameserver ") + silent_server + "\nnameserver " + good_server + "\n",
		"server");
	ASSERT_TRUE(exits_with(*client, exit_code::done, 90s));
	EXPECT_EQ(count_of(client->err(), "looking up"), 0U) << client->err();
}

TEST_F(peer_names, name_that_is_unknown_is_warned_about_once_and_found_when_it_is_known)
{
	start_name_server("nobody.lab.example");
	auto const client = start_client(std::string("nameserver ") + good_server + "\n", "server.lab.example");
	std::this_thread::sleep_for(9s);
	ASSERT_TRUE(client->running()) << client->err();
	EXPECT_EQ(count_of(client->err(), "warning: looking up server.lab.example: "), 1U) << client->err();
	m_name_server.reset();
	start_name_server("server.lab.example");
	ASSERT_TRUE(exits_with(*client, exit_code::done, 60s));
	EXPECT_EQ(count_of(client->err(), "looking up server.lab.example: found"), 1U) << client->err();
}

TEST_F(peer_names, resolv_conf_with_cr_lf_is_read)
{
	// not at 127.0.0.1, where the C library looks if it finds no server in the file
	own_network::ip("addr add 10.78.0.1/24 dev lo");
	own_network::ip("addr add fd00:78::1/64 dev lo nodad");
	for (std::string const server : {"10.78.0.1", "fd00:78::1"})
	{
		start_name_server("server.lab.example", server);
		auto const client = start_client(
			"search lab.example\r\nnameserver " + server + "\r\noptions timeout:2\r\n", "server");
		EXPECT_TRUE(exits_with(*client, exit_code::done, 60s)) << server;
		m_name_server.reset();
		std::filesystem::remove(m_dir / "target.img");
	}
}

// As people write them, with either line end.
TEST_F(peer_names, resolv_conf_with_comments_behind_the_address_and_tabs_is_read)
{
	own_network::ip("addr add 10.78.0.1/24 dev lo");
	start_name_server("server.lab.example", "10.78.0.1");
	for (std::string const end : {"\n", "\r\n"})
	{
		auto const client = start_client("# by hand" + end + "search\tlab.example" + end
				+ "nameserver\t10.78.0.1\t# the room's" + end + "options\ttimeout:2" + end,
			"server");
		EXPECT_TRUE(exits_with(*client, exit_code::done, 60s)) << end.size();
		std::filesystem::remove(m_dir / "target.img");
	}
}

// libtorrent looks up the names of trackers by itself.
TEST_F(peer_names, tracker_is_found_by_its_name_although_resolv_conf_has_cr_lf)
{
	own_network::ip("addr add 10.78.0.1/24 dev lo");
	start_name_server("tracker.lab.example", "10.78.0.1");
	http_tracker tracker;
	tracker.add_peer(m_seeder->port());
	auto job = loopback_job();
	job["swarm"]["trackers"] = {"http://tracker.lab.example:" + std::to_string(tracker.port()) + "/announce"};
	auto const client = start_client_of(job, "nameserver\t10.78.0.1\r\n");
	EXPECT_TRUE(exits_with(*client, exit_code::done, 60s));
}

} // namespace rawswarm::test
