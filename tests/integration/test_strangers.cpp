// SPDX-License-Identifier: BSD-3-Clause
// What peers may take of an agent that give nothing: memory, connections, work. Each peer here speaks byte by
// byte, and follows the protocol as far as it must to be listened to.
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/network/member_text.hpp"
#include "tests/support/network/raw_peer.hpp"
#include "tests/support/program/peak_memory.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

namespace id = peer_message_id;

constexpr int room_id = 60; // of rs_room, as we want it

constexpr int convictions_that_block = 5; // docs/architecture.md

class strangers : public ::testing::Test
{
protected:
	// Connects, and has said hello.
	raw_peer meet(
		std::uint16_t const port, std::string const& greeting, std::string const& from = "127.0.0.1")
	{
		auto p = raw_peer::dial(port, from);
		p.send(member_handshake(m_image.torrent.info_hash, ++m_met) + greeting + peer_message(id::have_none));
		return p;
	}

	// The same, and has been answered. Until its torrent is there, an agent hangs up.
	raw_peer meet_and_hear(
		std::uint16_t const port, std::string const& greeting, std::string const& from = "127.0.0.1")
	{
		auto p = meet(port, greeting, from);
		for (auto const end = clock::now() + 10s;
			 p.read(raw_peer::handshake_bytes, 10s).size() != raw_peer::handshake_bytes;)
		{
			if (clock::now() >= end)
			{
				ADD_FAILURE() << "no handshake from port " << port;
				break;
			}
			p = meet(port, greeting, from);
		}
		return p;
	}

	// How many messages of rs_room come until none of any kind does for so long.
	static int introductions(raw_peer& p, std::chrono::milliseconds const silence)
	{
		int n = 0;
		for (auto m = p.read_message(silence); !m.empty(); m = p.read_message(silence))
		{
			n += m.size() > 1 && m[0] == id::extended && m[1] == room_id ? 1 : 0;
		}
		return n;
	}

	static std::uint64_t resident_mib(child_process const& agent)
	{
		std::ifstream file(fmt::format("/proc/{}/statm", worker_of(agent)));
		std::uint64_t all = 0;
		std::uint64_t resident = 0;
		file >> all >> resident;
		return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) >> 20;
	}

	prepared_image m_image{extent_layout{.count = 3}};

private:
	std::size_t m_met = 0;
};

} // namespace

TEST_F(strangers, a_greeting_that_is_repeated_is_answered_once)
{
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
	auto first = meet_and_hear(seeder.port(), greeting_message({.room = room_id, .port = 7001}));
	EXPECT_EQ(introductions(first, 1s), 0); // nobody else is there
	auto const greeting = greeting_message({.room = room_id, .port = 7002});
	auto second = meet_and_hear(seeder.port(), greeting);
	for (int i = 0; i < 100; ++i)
	{
		second.send(greeting);
	}
	EXPECT_EQ(introductions(second, 1s), 1);
}

TEST_F(strangers, greetings_of_peers_that_read_nothing_take_no_memory)
{
	constexpr std::size_t count = 100;
	seeding_agent seeder(m_image.torrent_path, m_image.source_path, {"--memory", "8M"});
	std::vector<raw_peer> peers;
	std::vector<std::string> greetings;
	for (std::size_t i = 0; i < count; ++i)
	{
		greetings.push_back(greeting_message({.room = room_id, .port = static_cast<int>(7000 + i)}));
		peers.push_back(meet_and_hear(seeder.port(), greetings.back()));
	}
	auto const before = resident_mib(seeder.process());
	ASSERT_GT(before, 0U);
	for (std::size_t i = 0; i < 10; ++i)
	{
		std::string many;
		while (many.size() < 800'000)
		{
			many += greetings[i];
		}
		peers[i].keep_little();
		peers[i].send(many); // of each as many as are allowed at once
	}
	std::uint64_t most = 0;
	for (auto const end = clock::now() + 3s; clock::now() < end; std::this_thread::sleep_for(20ms))
	{
		most = std::max(most, resident_mib(seeder.process()));
	}
	EXPECT_LT(most, before + 32); // 12 MiB for each peer, if each greeting is answered
}

// A hybrid one, with millions of numbers that nobody knows the meaning of.
TEST_F(strangers, a_torrent_takes_a_small_multiple_of_its_size)
{
	std::string numbers;
	for (int i = 0; i < 4'000'000; ++i)
	{
		numbers += "i0e";
	}
	auto const torrent =
		"d4:infod6:lengthi16384e12:meta versioni2e4:name5:image12:piece lengthi16384e6:pieces20:"
		+ std::string(20, 'x') + "4:restl" + numbers + "eee";
	write_file(m_image.dir / "large.torrent", torrent);
	auto const info = run_measured(rawswarm_command({"info", m_image.dir / "large.torrent"}), 60s);
	ASSERT_TRUE(exits_with(info.ended, exit_code::refused));
	EXPECT_NE(info.ended.err.find("which says nothing of a place on a device"), std::string::npos)
		<< "not loaded: " << info.ended.err;
	EXPECT_GT(info.peak_mib, 12); // of the file alone
	EXPECT_LT(info.peak_mib, 200);
}

// Of an agent that may have 160 connections. Half of the strangers do not even say what they want.
TEST_F(strangers, one_host_does_not_take_all_connections)
{
	auto const port = free_port();
	auto command = rawswarm_command(
		{"seed", m_image.torrent_path, m_image.source_path, "--listen", loopback(port), "--no-lsd"});
	command.argv.insert(command.argv.begin(), {"sh", "-c", "ulimit -n 220; exec \"$@\"", "sh"});
	child_process const seeder(command);
	ASSERT_TRUE(wait_for_listener(port, 20s));
	std::vector<raw_peer> crowd;
	crowd.push_back(meet_and_hear(port, greeting_message({.room = room_id, .port = 6999}), "127.0.0.9"));
	for (int i = 0; i < 150; ++i)
	{
		crowd.push_back(meet(port, greeting_message({.room = room_id, .port = 7000 + i}), "127.0.0.9"));
		crowd.push_back(raw_peer::dial(port, "127.0.0.9"));
	}
	std::vector<raw_peer> room;
	for (auto const end = clock::now() + 8s; room.size() < 5 && clock::now() < end;)
	{
		auto p =
			meet(port, greeting_message({.room = room_id, .port = 8000 + static_cast<int>(room.size())}));
		if (p.read(raw_peer::handshake_bytes, 200ms).size() == raw_peer::handshake_bytes)
		{
			room.push_back(std::move(p));
		}
	}
	EXPECT_EQ(room.size(), 5U) << seeder.err();
}

// Keep-alives, which are four zeros each.
TEST_F(strangers, a_peer_that_talks_at_full_speed_is_hung_up_on_and_its_address_blocked)
{
	seeding_agent seeder(m_image.torrent_path, m_image.source_path);
	std::string const nothing(1 << 20, '\0');
	for (int i = 0; i < convictions_that_block; ++i)
	{
		auto p = meet_and_hear(seeder.port(), greeting_message({.room = room_id}), "127.0.0.9");
		auto const end = clock::now() + 10s;
		bool is_open = true;
		while (is_open && clock::now() < end)
		{
			is_open = p.send(nothing);
		}
		EXPECT_FALSE(is_open);
	}
	ASSERT_TRUE(seeder.process().wait_for_text("blocked 127.0.0.9", 10s)) << seeder.process().err();
	auto same = meet(seeder.port(), greeting_message({.room = room_id}), "127.0.0.9");
	EXPECT_EQ(same.read(raw_peer::handshake_bytes, 1s), "");
	meet_and_hear(seeder.port(), greeting_message({.room = room_id})); // others are served
}

// A source serves four members at first; here three times as many ask for nothing.
TEST_F(strangers, members_that_fetch_nothing_do_not_keep_a_source_from_one_that_would)
{
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
	std::vector<raw_peer> silent;
	for (int i = 0; i < 12; ++i)
	{
		silent.push_back(meet_and_hear(seeder.port(), greeting_message({.room = room_id, .port = 7000 + i})));
	}
	auto last = meet_and_hear(seeder.port(), greeting_message({.room = room_id, .port = 8000}));
	auto m = last.read_message(6s);
	while (!m.empty() && m.front() != id::have)
	{
		m = last.read_message(6s);
	}
	EXPECT_FALSE(m.empty()); // 15 seconds, if each of them keeps its place for 5
}

TEST_F(strangers, a_peer_that_asks_for_a_byte_now_and_then_does_not_keep_an_image_from_its_end)
{
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
	auto const port = free_port();
	auto job = loopback_job({seeder.port()});
	job["swarm"]["listen"] = loopback(port);
	job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "target.img"));
	job["seed_until"] = {{"idle_seconds", 2}};
	child_process agent(run_command(m_image.dir, job));
	ASSERT_TRUE(wait_for_listener(port, 20s));
	auto p = meet_and_hear(port, greeting_message({.room = 0}) + peer_message(id::interested));
	auto m = p.read_message(10s);
	while (!m.empty() && m.front() != id::unchoke)
	{
		m = p.read_message(10s);
	}
	ASSERT_FALSE(m.empty());
	for (auto const end = clock::now() + 15s; agent.running() && clock::now() < end;)
	{
		p.send(request_message(0, 0, 1));
		p.read(4096, 200ms);
	}
	EXPECT_TRUE(exits_with(agent, exit_code::done, 1s));
}

// Each address is one that takes the connection and says nothing.
TEST_F(strangers, addresses_that_a_peer_tells_of_are_dialled_a_few_at_a_time)
{
	seeding_agent seeder(m_image.torrent_path, m_image.source_path);
	raw_listener silent(reach::every_address);
	auto liar = meet_and_hear(seeder.port(), greeting_message({.room = room_id, .port = 7001}));
	for (int message = 0; message < 5; ++message)
	{
		std::string addresses;
		for (int i = 0; i < 2000; ++i)
		{
			addresses +=
				{127, static_cast<char>(message + 1), static_cast<char>(i >> 8), static_cast<char>(i)};
			addresses += {static_cast<char>(silent.port() >> 8), static_cast<char>(silent.port())};
		}
		liar.send(extension_text(60, fmt::format("d5:added{}:{}6:added60:e", addresses.size(), addresses)));
	}
	std::vector<raw_peer> dialled;
	for (auto const end = clock::now() + 4s; clock::now() < end;)
	{
		if (auto p = silent.accept(100ms))
		{
			dialled.push_back(std::move(*p));
		}
	}
	EXPECT_GT(dialled.size(), 10U); // it is listened to
	EXPECT_LE(dialled.size(), 450U); // two seconds' worth; 800 if it is believed
}

} // namespace rawswarm::test
