// SPDX-License-Identifier: BSD-3-Clause
// What the settings of agent/swarm/swarm_settings.cpp about connections are for, each seen from outside:
// every test here fails without the setting that names it there.
#include "base/unique_fd.hpp"
#include "tests/support/base/stopped_process.hpp"
#include "tests/support/base/throw_errno.hpp"
#include "tests/support/network/raw_peer.hpp"
#include "tests/support/program/image_job.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <vector>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

// Begins to connect to a port of 127.0.0.1, and does not wait for it.
unique_fd start_to_dial(std::uint16_t const port)
{
	unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	sockaddr_in at{};
	at.sin_family = AF_INET;
	at.sin_port = htons(port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!fd
		|| (::connect(fd.get(), reinterpret_cast<sockaddr const*>(&at), sizeof(at)) != 0
			&& errno != EINPROGRESS))
	{
		throw_errno("beginning to connect");
	}
	return fd;
}

bool is_connected(unique_fd const& fd, std::chrono::milliseconds const timeout)
{
	pollfd wanted{fd.get(), POLLOUT, 0};
	return ::poll(&wanted, 1, static_cast<int>(timeout.count())) == 1 && wanted.revents == POLLOUT;
}

} // namespace

// libtorrent would dial 30 peers at once and 30 more each second.
TEST(swarm_settings, large_room_is_dialled_in_a_few_seconds)
{
	constexpr std::size_t count = 300;
	prepared_image const image(extent_layout{.count = 3});
	temp_dir const dir;
	std::vector<raw_listener> room(count);
	std::vector<std::uint16_t> ports;
	for (auto const& peer : room)
	{
		ports.push_back(peer.port());
	}
	child_process agent(run_command(dir, image_job(image, dir, ports)));
	std::vector<raw_peer> dialled;
	auto begin = clock::now();
	for (auto& peer : room)
	{
		if (auto p = peer.accept(20s))
		{
			dialled.push_back(std::move(*p));
		}
		begin = dialled.size() == 1 ? clock::now() : begin; // it is known by now, and dials
	}
	EXPECT_EQ(dialled.size(), count);
	EXPECT_LT(clock::now() - begin, 6s);
}

// By itself libtorrent would have six wait, and the other machines ask again after a second and more.
TEST(swarm_settings, machines_that_boot_together_can_connect_while_the_agent_is_busy)
{
	constexpr int count = 100; // below 128, what older kernels allow (net.core.somaxconn)
	prepared_image const image(extent_layout{.count = 3});
	seeding_agent seeder(image.torrent_path, image.source_path);
	stopped_process const busy(worker_of(seeder.process()));
	std::vector<unique_fd> dialled;
	std::ranges::generate_n(std::back_inserter(dialled), count, [&] { return start_to_dial(seeder.port()); });
	auto const deadline = clock::now() + 10s;
	auto const connected = std::ranges::count_if(dialled, [&](unique_fd const& fd) {
		return is_connected(
			fd, std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()), 0ms));
	});
	EXPECT_EQ(connected, count);
}

// By itself libtorrent would wait for a minute.
TEST(swarm_settings, peer_that_hangs_up_is_dialled_again_at_once)
{
	prepared_image const image(extent_layout{.count = 3});
	temp_dir const dir;
	raw_listener peer;
	child_process const agent(run_command(dir, image_job(image, dir, {peer.port()})));
	for (int i = 0; i < 3; ++i)
	{
		auto const dialled = peer.accept(20s);
		ASSERT_TRUE(dialled) << "after " << i << " times: " << agent.err();
	}
}

} // namespace rawswarm::test
