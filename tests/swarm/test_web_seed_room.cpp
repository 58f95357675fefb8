// SPDX-License-Identifier: BSD-3-Clause
// Rooms whose only source is a plain HTTP server, on host 0.
#include "agent/web_seed/web_seed_claims.hpp"
#include "tests/support/network/nginx_server.hpp"
#include "tests/support/program/room_test.hpp"

#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

class web_seed_room_test : public room_test
{
protected:
	void make_with_server(room_size const& size)
	{
		m_server.reset();
		make(size);
		net_namespace::visit const inside(hosts().host(0));
		m_server.emplace(folder(), nginx_options{.address = room::address(0)});
	}

	// The clients find each other by local discovery.
	void start_clients(std::size_t const first, std::size_t const last, std::string const& file = "image")
	{
		for (auto const i : hosts_between(first, last))
		{
			auto job = agents().client_job(i);
			job["swarm"]["peers"] = nlohmann::json::array();
			job["swarm"]["lsd"] = true;
			job["swarm"]["web_seeds"] = {m_server->url(file)};
			agents().start(i, job);
		}
	}

	double images_sent() const
	{
		return static_cast<double>(m_server->bytes_sent()) / static_cast<double>(image().bytes);
	}

	bool reaches_half(std::size_t const host)
	{
		return agents().wait_until([&] { return agents().done(host) >= image().bytes / 2; }, 60s);
	}

	std::optional<nginx_server> m_server;
};

} // namespace

TEST_F(web_seed_room_test, clients_that_start_together_fetch_one_image_from_the_server)
{
	SKIP_WITHOUT_NGINX();
	make_with_server({.clients = 4, .mbit = 50, .mib = 32});
	start_clients(1, 4);

	ASSERT_TRUE(agents().are_done(clients(), 90s));

	EXPECT_TRUE(agents().are_right(clients()));
	std::cout << fmt::format("the server sent {:.3f} images\n", images_sent());
	EXPECT_GE(images_sent(), 1.0);
	EXPECT_LE(images_sent(), 1.15);
}

// The members divide its pieces among them as they do with a raw one.
TEST_F(web_seed_room_test, clients_fetch_one_compressed_image_from_the_server)
{
	SKIP_WITHOUT_NGINX();
	make_with_server({.clients = 4, .mbit = 50, .mib = 64, .content = image_content::compressible});
	start_clients(1, 4, "image.zst");

	ASSERT_TRUE(agents().are_done(clients(), 90s));

	EXPECT_TRUE(agents().are_right(clients()));
	auto const compressed = static_cast<double>(std::filesystem::file_size(image().compressed));
	auto const sent = static_cast<double>(m_server->bytes_sent());
	std::cout << fmt::format(
		"the server sent {:.3f} compressed images, {:.3f} raw ones\n", sent / compressed, images_sent());
	EXPECT_GE(sent, compressed);
	EXPECT_LE(sent, 1.15 * compressed);
	EXPECT_LE(images_sent(), 0.7);
}

// The newcomer finds every piece in the room.
TEST_F(web_seed_room_test, a_client_that_comes_when_the_others_are_done_leaves_the_server_alone)
{
	SKIP_WITHOUT_NGINX();
	make_with_server({.clients = 3, .mbit = 50});
	start_clients(1, 2);
	ASSERT_TRUE(agents().are_done({1, 2}, 60s));
	auto const before = m_server->bytes_sent();

	start_clients(3, 3);
	ASSERT_TRUE(agents().are_done({3}, 60s));

	EXPECT_TRUE(agents().are_right(clients()));
	EXPECT_LE(m_server->bytes_sent() - before,
		std::uint64_t(web_seed_claims::pieces_before_meeting) * std::uint64_t(image().piece_size));
}

// The stopped host keeps its claims and its connections.
TEST_F(web_seed_room_test, what_a_client_that_hangs_was_to_fetch_is_fetched_by_others)
{
	SKIP_WITHOUT_NGINX();
	make_with_server({.clients = 3, .mbit = 30});
	start_clients(1, 3);
	ASSERT_TRUE(reaches_half(3));
	agents().process(3).signal(SIGSTOP);

	ASSERT_TRUE(agents().are_done({1, 2}, 120s));
	agents().process(3).signal(SIGCONT);

	ASSERT_TRUE(agents().are_done({3}, 60s));
	EXPECT_TRUE(agents().are_right(clients()));
}

TEST_F(web_seed_room_test, a_server_that_goes_when_all_is_in_the_room_is_not_missed)
{
	SKIP_WITHOUT_NGINX();
	make_with_server({.clients = 3, .mbit = 50});
	start_clients(1, 2);
	ASSERT_TRUE(agents().are_done({1, 2}, 60s));
	m_server->kill();

	start_clients(3, 3);

	ASSERT_TRUE(agents().are_done({3}, 60s));
	EXPECT_TRUE(agents().are_right(clients()));
}

} // namespace rawswarm::test
