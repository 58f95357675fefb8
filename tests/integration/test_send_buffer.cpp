// SPDX-License-Identifier: BSD-3-Clause
// The settings of agent/swarm/swarm_settings.cpp about the blocks that wait in front of a peer's next
// message, each seen from outside: every test here fails without the setting that names it there.
#include "tests/support/base/stopped_process.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/network/raw_peer.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr std::uint32_t block = 16384; // bytes
constexpr std::uint32_t blocks = 384; // of the image, which is one extent
constexpr std::uint32_t piece_blocks = 16;
constexpr std::size_t message_bytes = 13 + block; // a block and what stands before it (BEP 3)

constexpr char unchoke = 1;
constexpr char request = 6;
constexpr char cancel = 8;

void append_number(std::string& text, std::uint32_t const number)
{
	for (unsigned const shift : {24U, 16U, 8U, 0U})
	{
		text.push_back(static_cast<char>(number >> shift));
	}
}

// One message for each block of the image: its request, or what takes that back.
std::string for_every_block(char const id)
{
	std::string text;
	for (std::uint32_t i = 0; i < blocks; ++i)
	{
		append_number(text, 13);
		text.push_back(id);
		append_number(text, i / piece_blocks);
		append_number(text, i % piece_blocks * block);
		append_number(text, block);
	}
	return text;
}

// A peer asks for all of the image at once. The seeder is stopped when so many blocks have come; the peer
// reads what the kernel has, and takes every request back. Bytes that come all the same: they waited in the
// seeder.
std::size_t bytes_that_waited(std::uint32_t const upload_limit, std::uint32_t const after_blocks)
{
	prepared_image const image(
		extent_layout{.count = 1, .smallest = blocks * block, .largest = blocks * block},
		{.piece_size = static_cast<int>(piece_blocks * block)});
	auto const port = free_port();
	auto job = loopback_job();
	job["swarm"]["listen"] = loopback(port);
	job["swarm"]["upload_limit"] = upload_limit;
	job["seed_until"]["idle_seconds"] = 60;
	job["targets"].push_back(
		{{"torrent", image.torrent_path}, {"device", image.source_path}, {"role", "seed"}});
	child_process seeder(run_command(image.dir, job));
	EXPECT_TRUE(wait_for_listener(port, 20s) && seeder.wait_for_text(": seeding", 20s)) << seeder.err();

	auto peer = raw_peer::dial(port);
	peer.send(
		bittorrent_handshake(image.torrent.info_hash, "-XX0001-one-peer-xxx") + std::string("\0\0\0\1\2", 5));
	peer.read(raw_peer::handshake_bytes, 20s);
	for (auto got = peer.read_message(20s); !got.empty() && got.front() != unchoke;)
	{
		got = peer.read_message(20s);
	}
	peer.send(for_every_block(request));
	EXPECT_EQ(peer.read(after_blocks * message_bytes, 60s).size(), after_blocks * message_bytes);
	{
		stopped_process const still(worker_of(seeder));
		peer.read(blocks * message_bytes, 200ms);
		peer.send(for_every_block(cancel));
	}
	return peer.read(blocks * message_bytes, 3s).size();
}

} // namespace

// A HAVE that waits behind half a second of blocks makes a room slow.
TEST(swarm_settings, little_waits_in_front_of_a_message_to_a_peer)
{
	constexpr std::uint32_t rate = 1024 * 1024; // bytes per second
	EXPECT_LT(bytes_that_waited(rate, 192), rate / 4);
}

TEST(swarm_settings, several_blocks_are_made_ready_for_a_slow_peer)
{
	constexpr std::uint32_t rate = 64 * 1024; // bytes per second
	EXPECT_GT(bytes_that_waited(rate, 4), 2 * message_bytes);
}

} // namespace rawswarm::test
