// SPDX-License-Identifier: BSD-3-Clause
// The tracker of a room's server, with clients that find each other by it alone.
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/network/aria2.hpp"
#include "tests/support/network/stock_client.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/serving_room.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

// A room whose tracker knows an image and does not tell of the seeder, so that clients are on their own.
serving_room_options only_a_tracker()
{
	serving_room_options options;
	options.is_told = false;
	return options;
}

bool wait_until_announced(serving_room& room, std::size_t const complete)
{
	auto const deadline = std::chrono::steady_clock::now() + 10s;
	while (room.counts().complete < complete)
	{
		if (std::chrono::steady_clock::now() >= deadline)
		{
			return false;
		}
		std::this_thread::sleep_for(10ms); // nothing reports it
	}
	return true;
}

void expect_files(made_torrent const& torrent, std::filesystem::path const& folder)
{
	for (auto const& file : torrent.files)
	{
		auto const path = folder / torrent.name / offset_name(file.offset);
		ASSERT_TRUE(std::filesystem::exists(path)) << path;
		ASSERT_TRUE(content_equals(path, file.bytes));
	}
}

class room_tracker : public ::testing::Test
{
protected:
	prepared_image m_image{extent_layout{.count = 60}};
	temp_dir m_folder;
};

} // namespace

TEST_F(room_tracker, stock_clients_find_each_other)
{
	serving_room room({image_of("image", m_image)}, only_a_tracker());
	write_files(m_image.torrent, m_image.dir.path());
	stock_client seeder;
	seeder.seed(m_image.torrent, m_image.dir.path());
	seeder.ask_tracker(room.announce_url());
	ASSERT_TRUE(wait_until_announced(room, 1));
	stock_client leecher;
	leecher.download(m_image.torrent, m_folder.path());
	leecher.ask_tracker(room.announce_url());

	ASSERT_TRUE(leecher.wait_until_complete(20s));

	expect_files(m_image.torrent, m_folder.path());
	EXPECT_EQ(room.counts().refused, 0);
}

TEST_F(room_tracker, agents_find_each_other)
{
	serving_room room({image_of("image", m_image)}, only_a_tracker());
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path, {"--tracker", room.announce_url()});
	ASSERT_TRUE(wait_until_announced(room, 1));
	auto job = loopback_job();
	job["targets"].push_back(image_target(m_image.torrent_path, m_folder / "target.img"));
	job["swarm"]["trackers"] = {room.announce_url()};

	EXPECT_TRUE(exits_with(run_job(m_folder, job), exit_code::done));

	EXPECT_TRUE(content_equals(m_folder / "target.img",
		expected_content(m_image.torrent.files, size_of(m_folder / "target.img"), background::zeros)));
}

TEST_F(room_tracker, aria2_finds_an_agent)
{
	SKIP_WITHOUT("aria2c");
	serving_room room({image_of("image", m_image)}, only_a_tracker());
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path, {"--tracker", room.announce_url()});
	ASSERT_TRUE(wait_until_announced(room, 1));

	EXPECT_TRUE(
		exits_with(run(aria2_download(m_image.torrent_path, m_folder.path(), room.announce_url()), 25s), 0));

	expect_files(m_image.torrent, m_folder.path());
}

// Nothing was open before it asked.
TEST_F(room_tracker, aria2_gets_an_image_that_is_opened_for_it)
{
	SKIP_WITHOUT("aria2c");
	serving_room room({image_of("image", m_image)});
	ASSERT_EQ(room.status("image").activity, image_activity::idle);

	EXPECT_TRUE(
		exits_with(run(aria2_download(m_image.torrent_path, m_folder.path(), room.announce_url()), 25s), 0));

	expect_files(m_image.torrent, m_folder.path());
}

TEST_F(room_tracker, stock_client_gets_an_image_that_is_opened_for_it)
{
	serving_room room({image_of("image", m_image)});
	stock_client leecher;
	leecher.download(m_image.torrent, m_folder.path());
	leecher.ask_tracker(room.announce_url());

	ASSERT_TRUE(leecher.wait_until_complete(20s));

	expect_files(m_image.torrent, m_folder.path());
}

TEST_F(room_tracker, agent_says_why_it_was_refused)
{
	serving_room room({});
	auto job = loopback_job();
	job["targets"].push_back(image_target(m_image.torrent_path, m_folder / "target.img"));
	job["swarm"]["trackers"] = {room.announce_url()};
	job["timeout_seconds"] = 3;

	auto const r = run_job(m_folder, job);

	EXPECT_TRUE(exits_with(r, exit_code::network));
	EXPECT_NE(r.err.find("this room has no image with that info-hash"), std::string::npos) << r.err;
}

} // namespace rawswarm::test
