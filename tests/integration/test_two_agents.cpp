// SPDX-License-Identifier: BSD-3-Clause
// Two agents on one machine that are given the same file or folder: one of them images it.
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

class two_agents : public ::testing::Test
{
protected:
	// A job that never ends: nobody has the image.
	nlohmann::json job_for(std::string const& target) const
	{
		auto job = loopback_job();
		job["targets"].push_back(image_target(m_image.torrent_path, target));
		return job;
	}

	// The first agent is at work on `first`; the second is given `second`.
	void expect_refused(std::string const& first, std::string const& second)
	{
		child_process at_work(run_command(m_image.dir, job_for(first)));
		ASSERT_TRUE(at_work.wait_for_text("listening on", 20s)) << at_work.err();
		auto const refused = run_job(m_image.dir, job_for(second));
		EXPECT_TRUE(exits_with(refused, exit_code::target));
		EXPECT_NE(refused.err.find("opening " + second + ": in use, being written by rawswarm (process "),
			std::string::npos)
			<< refused.err;
		EXPECT_TRUE(at_work.running());
	}

	prepared_image m_image{extent_layout{.count = 20}};
};

} // namespace

TEST_F(two_agents, do_not_image_one_file)
{
	expect_refused(m_image.dir / "disk.img", m_image.dir / "disk.img");
}

TEST_F(two_agents, do_not_image_one_file_by_two_names)
{
	std::ofstream(m_image.dir / "disk.img") << "there";
	std::filesystem::create_hard_link(m_image.dir / "disk.img", m_image.dir / "other.img");
	expect_refused(m_image.dir / "disk.img", m_image.dir / "other.img");
}

TEST_F(two_agents, do_not_image_one_folder)
{
	std::filesystem::create_directory(m_image.dir / "disk");
	expect_refused(m_image.dir / "disk", m_image.dir / "disk");
}

} // namespace rawswarm::test
