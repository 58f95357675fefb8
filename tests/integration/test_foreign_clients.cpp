// SPDX-License-Identifier: BSD-3-Clause
// Exchanging pieces with other BitTorrent clients, which know nothing of devices.
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/aria2.hpp"
#include "tests/support/network/http_tracker.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/network/stock_client.hpp"
#include "tests/support/network/transmission.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr extent_layout moderate{.count = 200};

// Every file holds what the torrent was made from.
void expect_files(made_torrent const& torrent, std::filesystem::path const& folder)
{
	for (auto const& file : torrent.files)
	{
		auto const path = folder / torrent.name / offset_name(file.offset);
		ASSERT_TRUE(std::filesystem::exists(path)) << path;
		ASSERT_TRUE(content_equals(path, file.bytes));
	}
}

// Images a block device from the client at this port.
void expect_imaged_from(prepared_image const& image, std::uint16_t const port)
{
	loop_device const device(image.device_size);
	fill_with_pattern(device.path(), image.device_size);

	auto job = loopback_job({port});
	auto target = image_target(image.torrent_path, device.path());
	target["info_hash"] = image.torrent.info_hash;
	job["targets"].push_back(target);
	ASSERT_TRUE(exits_with(run_job(image.dir, job, 60s), exit_code::done));

	EXPECT_TRUE(device_equals(device.path(), image.torrent.files, background::pattern));
}

// The same from a stock client that seeds a folder of offset-named files.
void expect_imaged_from_stock_client(torrent_options const& options)
{
	prepared_image const image(moderate, options);
	write_files(image.torrent, image.dir.path());
	stock_client seeder;
	seeder.seed(image.torrent, image.dir.path());
	expect_imaged_from(image, seeder.port());
}

} // namespace

TEST(foreign_clients, aria2_downloads_from_a_seeding_agent)
{
	SKIP_WITHOUT("aria2c");
	prepared_image const image(moderate, {.shuffled = true});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	http_tracker tracker;
	tracker.add_peer(seeder.port());
	temp_dir const folder;

	ASSERT_TRUE(exits_with(run(aria2_download(image.torrent_path, folder.path(), tracker.url()), 25s), 0));

	expect_files(image.torrent, folder.path());
}

TEST(foreign_clients, transmission_downloads_from_a_seeding_agent)
{
	SKIP_WITHOUT("transmission-cli");
	prepared_image const image(moderate, {.shuffled = true});
	temp_dir const folder;
	transmission leecher(image.torrent_path, folder.path());
	seeding_agent const seeder(image.torrent_path, image.source_path, {"--peer", loopback(leecher.port())});

	ASSERT_TRUE(leecher.wait_until_complete(60s));
	leecher.end();

	expect_files(image.torrent, folder.path());
}

TEST(foreign_clients, agent_images_a_device_from_transmission_with_a_folder_of_offset_named_files)
{
	SKIP_WITHOUT("transmission-cli");
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image(moderate, {.shuffled = true});
	write_files(image.torrent, image.dir.path());
	transmission const seeder(image.torrent_path, image.dir.path());
	expect_imaged_from(image, seeder.port());
}

TEST(foreign_clients, stock_client_downloads_from_a_seeding_agent)
{
	prepared_image const image(moderate, {.shuffled = true});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	temp_dir const folder;
	stock_client leecher;

	leecher.download(image.torrent, folder.path(), seeder.port());
	ASSERT_TRUE(leecher.wait_until_complete(20s));

	expect_files(image.torrent, folder.path());
}

TEST(foreign_clients, agent_images_a_device_from_a_stock_client_with_a_folder_of_offset_named_files)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	expect_imaged_from_stock_client({.shuffled = true});
}

TEST(foreign_clients, pad_files_are_not_written_to_the_device)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	expect_imaged_from_stock_client({.piece_size = 128 * 1024, .pad_files = true});
}

TEST(foreign_clients, hybrid_torrent_is_taken_by_its_v1_half)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	expect_imaged_from_stock_client({.piece_size = 128 * 1024, .kind = torrent_kind::hybrid});
}

// A libtorrent 2 client that dials offers to upgrade to BitTorrent v2; libtorrent closes a connection with
// that offer if its torrent has no v2 half. So the agent has to dial.
TEST(foreign_clients, stock_client_downloads_a_hybrid_torrent_from_an_agent_that_dials_it)
{
	prepared_image const image(moderate, {.piece_size = 128 * 1024, .kind = torrent_kind::hybrid});
	stock_client leecher;
	seeding_agent const seeder(
		image.torrent_path, image.source_path, {"--peer", fmt::format("127.0.0.1:{}", leecher.port())});
	temp_dir const folder;

	leecher.download(image.torrent, folder.path(), seeder.port());
	ASSERT_TRUE(leecher.wait_until_complete(20s));

	expect_files(image.torrent, folder.path());
}

TEST(foreign_clients, seeding_agent_serves_a_folder_of_offset_named_files)
{
	prepared_image const image(moderate, {.shuffled = true});
	auto const source = write_files(image.torrent, image.dir.path());
	seeding_agent const seeder(image.torrent_path, source.string());
	temp_dir const folder;
	stock_client leecher;

	leecher.download(image.torrent, folder.path(), seeder.port());
	ASSERT_TRUE(leecher.wait_until_complete(20s));

	expect_files(image.torrent, folder.path());
}

} // namespace rawswarm::test
