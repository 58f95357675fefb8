// SPDX-License-Identifier: BSD-3-Clause
// Jobs with the key of a private room: agents that have it, agents that do not, and other clients. What goes
// over the connections is tested in tests/unit/swarm/test_private_room.cpp.
#include "tests/support/device/device_content.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/network/stock_client.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using nlohmann::json;

class private_rooms : public ::testing::Test
{
protected:
	private_rooms()
	{
		write_file(m_image.dir / "key", "a key of a private room\n");
		write_file(m_image.dir / "other.key", "a key of another room\n");
	}

	// `swarm` of a job, by the name of the file with its key; empty: none.
	json swarm_with(std::string const& key) const
	{
		return key.empty() ? json::object() : json{{"key_file", m_image.dir / key}};
	}

	// Seeds the image by a job. It listens when this returns.
	std::unique_ptr<child_process> serve(std::uint16_t const port, std::string const& key)
	{
		auto job = loopback_job();
		job["swarm"]["listen"] = loopback(port);
		job["swarm"].update(swarm_with(key));
		auto source = image_target(m_image.torrent_path, m_image.source_path);
		source["role"] = "seed";
		job["targets"].push_back(source);
		auto command = run_command(m_image.dir, job);
		command.argv.insert(command.argv.end(), {"--log", "swarm=debug"});
		auto seeder = std::make_unique<child_process>(command);
		EXPECT_TRUE(wait_for_listener(port, 20s)) << seeder->err();
		return seeder;
	}

	json job_of(std::uint16_t const peer, std::string const& key) const
	{
		auto job = loopback_job({peer});
		job["swarm"].update(swarm_with(key));
		job["targets"].push_back(image_target(m_image.torrent_path, m_elsewhere / "target.img"));
		job["timeout_seconds"] = 5;
		return job;
	}

	// why: what one of them says of the other.
	void expect_no_image_between(
		std::string const& seeders_key, std::string const& key, std::string const& why)
	{
		auto const port = free_port();
		auto const seeder = serve(port, seeders_key);
		auto command = run_command(m_elsewhere, job_of(port, key));
		command.argv.insert(command.argv.end(), {"--json", "--log", "swarm=debug"});
		auto const result = run(command, 25s);
		EXPECT_TRUE(exits_with(result, exit_code::network));
		EXPECT_EQ(json::parse(result.out)["targets"][0]["fetched"], 0);
		EXPECT_TRUE(seeder->running()) << seeder->err();
		auto const said = "seeder:\n" + seeder->err() + "client:\n" + result.err;
		EXPECT_NE(said.find(": " + why), std::string::npos) << said;
	}

	prepared_image m_image{extent_layout{.count = 100}};
	temp_dir m_elsewhere;
};

} // namespace

TEST_F(private_rooms, agents_with_the_key_image_right)
{
	auto const port = free_port();
	auto const seeder = serve(port, "key");
	ASSERT_TRUE(exits_with(run_job(m_elsewhere, job_of(port, "key")), exit_code::done));
	EXPECT_TRUE(device_equals(m_elsewhere / "target.img", m_image.torrent.files, background::zeros));
}

TEST_F(private_rooms, an_agent_with_another_key_gets_nothing)
{
	expect_no_image_between("key", "other.key", "its key is not the room's");
}

TEST_F(private_rooms, an_agent_without_a_key_gets_nothing)
{
	expect_no_image_between("key", "", "it does not prove that it has the room's key");
}

TEST_F(private_rooms, an_agent_with_a_key_takes_nothing_of_one_without)
{
	expect_no_image_between("", "key", "it does not prove that it has the room's key");
}

TEST_F(private_rooms, an_ordinary_client_gets_nothing)
{
	auto const port = free_port();
	auto const seeder = serve(port, "key");
	stock_client leecher;
	leecher.download(m_image.torrent, m_elsewhere.path(), port);
	EXPECT_TRUE(seeder->wait_for_text(": it does not prove that it has the room's key", 10s))
		<< seeder->err();
	EXPECT_FALSE(leecher.wait_until_complete(2s));
}

TEST_F(private_rooms, a_key_that_is_too_short_is_refused_before_anything_is_done)
{
	write_file(m_image.dir / "short", "fifteen bytes..\n");
	auto const result = run_job(m_elsewhere, job_of(free_port(), "short"));
	EXPECT_TRUE(exits_with(result, exit_code::refused));
	EXPECT_NE(result.err.find("reading the room's key " + (m_image.dir / "short")
				  + ": it has 15 bytes, and needs 16 or more"),
		std::string::npos)
		<< result.err;
	EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(m_elsewhere / "target.img")));
}

} // namespace rawswarm::test
