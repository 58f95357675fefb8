// SPDX-License-Identifier: BSD-3-Clause
// Wall clocks that jump in the middle of a job, by years, as when a machine without a battery learns the
// time. tests/support/program/jumping_clock.py says how, and what it does not change.
#include "tests/support/base/source_tree.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::int64_t five_years = std::int64_t(5) * 365 * 24 * 3600; // seconds

class clock_jumps : public ::testing::Test
{
protected:
	void SetUp() override
	{
		set(0);
		auto probe = wrapped(rawswarm_command({"--version"}));
		if (auto const done = run(probe, 20s); done.exit_code == 77)
		{
			GTEST_SKIP() << "not root, not x86-64, or no filters of system calls that ask a program";
		}
	}

	// The clock of all that was started here is wrong by so much from now on.
	void set(std::int64_t const seconds) const
	{
		write_file(m_image.dir / "offset", std::to_string(seconds));
	}

	child_options wrapped(child_options command) const
	{
		command.argv.insert(command.argv.begin(),
			{"python3", source_tree() / "tests/support/program/jumping_clock.py", m_image.dir / "offset"});
		return command;
	}

	prepared_image m_image{extent_layout{.count = 6, .smallest = 1 << 20, .largest = 1 << 20}};
};

} // namespace

TEST_F(clock_jumps, forwards_and_back_by_years_change_nothing_for_a_seeder_and_a_client)
{
	auto const port = free_port();
	child_process const seeder(wrapped(rawswarm_command(
		{"seed", m_image.torrent_path, m_image.source_path, "--no-lsd", "--listen", loopback(port)})));
	ASSERT_TRUE(wait_for_listener(port, 20s)) << seeder.err();
	auto job = loopback_job({port});
	job["targets"].push_back(image_target(m_image.torrent_path, m_image.dir / "target.img"));
	job["swarm"]["download_limit"] = 512 * 1024; // takes twelve seconds
	job["timeout_seconds"] = 8;
	auto const begin = clock::now();
	child_process client(wrapped(run_command(m_image.dir, job)));
	for (auto const offset : {five_years, -five_years, std::int64_t(0)})
	{
		std::this_thread::sleep_for(2s);
		ASSERT_TRUE(client.running()) << client.err();
		set(offset);
	}
	ASSERT_TRUE(exits_with(client, exit_code::done, 30s));
	EXPECT_LT(clock::now() - begin, 25s);
	EXPECT_TRUE(read_file(m_image.source_path).starts_with(read_file(m_image.dir / "target.img")));
	EXPECT_FALSE(read_file(m_image.dir / "target.img").empty());
	EXPECT_NE(client.err().find("the time was asked for "), std::string::npos) << client.err();
	EXPECT_EQ(client.err().find("the time was asked for 0 "), std::string::npos) << client.err();
	// the processor's time of a loop that does not wait would be all of those seconds
	EXPECT_LT(client.used().ru_utime.tv_sec + client.used().ru_stime.tv_sec, 8);
}

} // namespace rawswarm::test
