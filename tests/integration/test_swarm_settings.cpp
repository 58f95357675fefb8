// SPDX-License-Identifier: BSD-3-Clause
// What the settings of agent/swarm/swarm_settings.cpp are for, each seen from outside: every test here fails
// without the setting that names it there.
#include "base/unique_fd.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/throw_errno.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/http_tracker.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/network/own_network.hpp"
#include "tests/support/network/raw_peer.hpp"
#include "tests/support/program/image_job.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr char interested = 2;
constexpr char unchoke = 1;
constexpr char bitfield = 5;
constexpr char request = 6;

std::string message(char const id, std::string const& body = {})
{
	auto const length = body.size() + 1;
	std::string text;
	for (int const shift : {24, 16, 8, 0})
	{
		text.push_back(static_cast<char>(length >> shift));
	}
	return text + id + body;
}

std::string peer_id(std::size_t const number)
{
	auto text = "-XX0001-" + std::to_string(number);
	text.resize(20, 'x');
	return text;
}

// A UDP socket at the address, to see who sends something there.
unique_fd udp_at(char const* const address, std::uint16_t const port)
{
	unique_fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	sockaddr_in at{};
	at.sin_family = AF_INET;
	at.sin_port = htons(port);
	if (!fd || ::inet_pton(AF_INET, address, &at.sin_addr) != 1
		|| ::bind(fd.get(), reinterpret_cast<sockaddr const*>(&at), sizeof(at)) != 0)
	{
		throw_errno("a UDP socket");
	}
	return fd;
}

bool receives(unique_fd const& fd, std::chrono::milliseconds const timeout)
{
	pollfd wanted{fd.get(), POLLIN, 0};
	return ::poll(&wanted, 1, static_cast<int>(timeout.count())) == 1;
}

} // namespace

TEST(swarm_settings, routers_are_left_alone)
{
	SKIP_WITHOUT_ROOT();
	own_network const network;
	net_namespace const gateway;
	own_network::ip("link add v0 type veth peer name v1 netns " + gateway.path());
	own_network::ip("link set v0 up");
	own_network::ip("addr add 10.78.0.1/24 dev v0");
	own_network::ip("route add default via 10.78.0.254");
	unique_fd nat_pmp;
	unique_fd upnp;
	{
		net_namespace::visit const inside(gateway);
		own_network::ip("addr add 10.78.0.254/24 dev v1");
		own_network::ip("link set v1 up");
		nat_pmp = udp_at("10.78.0.254", 5351);
		upnp = udp_at("239.255.255.250", 1900);
		ip_mreqn group{};
		::inet_pton(AF_INET, "239.255.255.250", &group.imr_multiaddr);
		::inet_pton(AF_INET, "10.78.0.254", &group.imr_address);
		ASSERT_EQ(::setsockopt(upnp.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)), 0);
	}
	prepared_image const image(extent_layout{.count = 3});
	child_process seeder(
		rawswarm_command({"seed", image.torrent_path, image.source_path, "--listen", "10.78.0.1:6881"}));
	auto const deadline = clock::now() + 30s;
	while (!raw_peer::dial_host("10.78.0.1", 6881).is_open())
	{
		ASSERT_LT(clock::now(), deadline) << seeder.err();
		std::this_thread::sleep_for(50ms);
	}
	EXPECT_FALSE(receives(upnp, 4s)); // libtorrent asks as soon as it listens
	EXPECT_FALSE(receives(nat_pmp, 0s));
}

TEST(swarm_settings, utp_is_neither_spoken_nor_answered)
{
	prepared_image const image(extent_layout{.count = 3});
	temp_dir const dir;
	raw_listener peer;
	auto const udp = udp_at("127.0.0.1", peer.port());
	auto const own_port = free_port();
	auto job = image_job(image, dir, {peer.port()});
	job["swarm"]["listen"] = loopback(own_port);
	child_process const agent(run_command(dir, job));
	ASSERT_TRUE(peer.accept(20s)) << "it dials by TCP";
	EXPECT_FALSE(receives(udp, 2s));

	// ST_SYN of version 1
	std::string syn(20, '\0');
	syn[0] = 0x41;
	sockaddr_in to{};
	to.sin_family = AF_INET;
	to.sin_port = htons(own_port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ASSERT_EQ(
		::sendto(udp.get(), syn.data(), syn.size(), 0, reinterpret_cast<sockaddr const*>(&to), sizeof(to)),
		static_cast<ssize_t>(syn.size()));
	EXPECT_FALSE(receives(udp, 2s));
}

TEST(swarm_settings, several_machines_behind_one_address_are_served)
{
	prepared_image const image(extent_layout{.count = 3});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	std::vector<raw_peer> peers;
	for (std::size_t i = 0; i < 3; ++i)
	{
		peers.push_back(raw_peer::dial(seeder.port()));
		peers.back().send(bittorrent_handshake(image.torrent.info_hash, peer_id(i)));
		EXPECT_EQ(peers.back().read(raw_peer::handshake_bytes, 10s).size(), raw_peer::handshake_bytes);
	}
	for (auto& p : peers)
	{
		p.send(message(interested));
		auto got = p.read_message(10s);
		while (!got.empty() && got.front() != unchoke)
		{
			got = p.read_message(10s);
		}
		EXPECT_FALSE(got.empty());
	}
}

TEST(swarm_settings, tracker_is_asked_outside_of_the_allowed_networks)
{
	prepared_image const image(extent_layout{.count = 3});
	temp_dir const dir;
	http_tracker const tracker;
	auto job = image_job(image, dir, {});
	job["swarm"]["allow"] = {"10.0.0.0/8"};
	job["swarm"]["trackers"] = {tracker.url()};
	job["timeout_seconds"] = 5;
	EXPECT_TRUE(exits_with(run_job(dir, job), exit_code::network));
	EXPECT_GE(tracker.announces(), 1);
}

// Without the setting it may ask all of them once, and later only one that has answered.
TEST(swarm_settings, every_tracker_is_asked_again)
{
	prepared_image const image(extent_layout{.count = 3});
	temp_dir const dir;
	http_tracker first;
	http_tracker second;
	first.set_interval(5); // ten are the least
	second.set_interval(5);
	auto job = image_job(image, dir, {});
	job["swarm"]["trackers"] = {first.url(), second.url()};
	job["timeout_seconds"] = 14;
	EXPECT_TRUE(exits_with(run_job(dir, job), exit_code::network));
	EXPECT_GE(first.announces(), 3); // at the start, once more, and at the end
	EXPECT_GE(second.announces(), 3);
}

TEST(swarm_settings, tracker_is_asked_again_when_it_says)
{
	prepared_image const image(extent_layout{.count = 3});
	temp_dir const dir;
	http_tracker tracker;
	tracker.set_interval(5); // ten are the least
	auto job = image_job(image, dir, {});
	job["swarm"]["trackers"] = {tracker.url()};
	job["timeout_seconds"] = 14;
	EXPECT_TRUE(exits_with(run_job(dir, job), exit_code::network));
	EXPECT_GE(tracker.announces(), 3); // at the start, once more, and at the end
}

// More than libtorrent's 200 connections, of which it would serve eight at once.
TEST(swarm_settings, every_peer_of_a_large_room_is_served)
{
	constexpr std::size_t count = 220;
	prepared_image const image(extent_layout{.count = 3});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	std::vector<raw_peer> peers;
	for (std::size_t i = 0; i < count; ++i)
	{
		peers.push_back(raw_peer::dial(seeder.port()));
		peers.back().send(bittorrent_handshake(image.torrent.info_hash, peer_id(i)) + message(interested));
	}
	std::size_t met = 0;
	std::size_t served = 0;
	auto const deadline = clock::now() + 20s; // the choker begins anew after 15
	for (auto& p : peers)
	{
		auto const left = [&] {
			return std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()), 1ms);
		};
		met += p.read(raw_peer::handshake_bytes, left()).size() == raw_peer::handshake_bytes ? 1U : 0U;
		auto got = p.read_message(left());
		while (!got.empty() && got.front() != unchoke)
		{
			got = p.read_message(left());
		}
		served += got.empty() ? 0U : 1U;
	}
	EXPECT_EQ(met, count);
	EXPECT_EQ(served, count);
}

TEST(swarm_settings, rarest_piece_is_asked_for_first)
{
	constexpr std::size_t pieces = 64;
	constexpr std::size_t rare = 37;
	prepared_image const image(
		extent_layout{.count = 1, .smallest = pieces * 16384, .largest = pieces * 16384},
		{.piece_size = 16384});
	temp_dir const dir;
	raw_listener whole;
	std::vector<raw_listener> others(3);
	child_process const agent(run_command(
		dir, image_job(image, dir, {whole.port(), others[0].port(), others[1].port(), others[2].port()})));
	std::vector<raw_peer> open;
	for (auto& listener : others)
	{
		auto p = listener.accept(20s);
		ASSERT_TRUE(p);
		std::string bits(pieces / 8, '\xff');
		bits[rare / 8] = static_cast<char>(0xff & ~(0x80 >> rare % 8));
		ASSERT_EQ(p->read(raw_peer::handshake_bytes, 10s).size(), raw_peer::handshake_bytes);
		p->send(
			bittorrent_handshake(image.torrent.info_hash, peer_id(open.size())) + message(bitfield, bits));
		open.push_back(std::move(*p));
	}
	auto p = whole.accept(20s);
	ASSERT_TRUE(p);
	ASSERT_EQ(p->read(raw_peer::handshake_bytes, 10s).size(), raw_peer::handshake_bytes);
	p->send(bittorrent_handshake(image.torrent.info_hash, peer_id(9))
		+ message(bitfield, std::string(pieces / 8, '\xff')));
	std::this_thread::sleep_for(1s); // by now it has read what the others have
	p->send(message(unchoke));
	auto got = p->read_message(10s);
	while (!got.empty() && got.front() != request)
	{
		got = p->read_message(10s);
	}
	ASSERT_GE(got.size(), 5U);
	EXPECT_EQ(static_cast<unsigned char>(got[4]), rare);
}

// An encrypted connection begins with a key, which is random.
TEST(swarm_settings, nothing_is_encrypted)
{
	prepared_image const image(extent_layout{.count = 3});
	temp_dir const dir;
	raw_listener peer;
	child_process const agent(run_command(dir, image_job(image, dir, {peer.port()})));
	auto p = peer.accept(20s);
	ASSERT_TRUE(p);
	auto const first = p->read(raw_peer::handshake_bytes, 10s);
	EXPECT_TRUE(first.starts_with("\x13"
								  "BitTorrent protocol"));
	EXPECT_EQ(first.substr(48, 8), "-RW0001-");

	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto dialled = raw_peer::dial(seeder.port());
	dialled.send(std::string(96, 'k'));
	EXPECT_EQ(dialled.read(96, 3s), "");
}

TEST(swarm_settings, end_does_not_wait_for_a_tracker_that_is_silent)
{
	prepared_image const image(extent_layout{.count = 3});
	temp_dir const dir;
	http_tracker tracker;
	auto job = image_job(image, dir, {});
	job["swarm"]["trackers"] = {tracker.url()};
	child_process agent(run_command(dir, job));
	auto const deadline = clock::now() + 20s;
	while (tracker.announces() == 0)
	{
		ASSERT_LT(clock::now(), deadline) << agent.err();
		std::this_thread::sleep_for(20ms);
	}
	std::this_thread::sleep_for(500ms);
	tracker.fall_silent();
	auto const begin = clock::now();
	agent.signal(SIGTERM);
	EXPECT_TRUE(exits_with(agent, exit_code::terminated, 20s));
	EXPECT_LT(clock::now() - begin, 4s);
}

} // namespace rawswarm::test
