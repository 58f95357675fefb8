// SPDX-License-Identifier: BSD-3-Clause
// Every kind of target and source, jobs with several targets, and the role `seed`.
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include <sys/stat.h>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::uint64_t mib = 1024 * 1024;

// Allocated bytes of a file.
std::uint64_t space_of(std::string const& path)
{
	struct stat info
	{};
	EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
	return static_cast<std::uint64_t>(info.st_blocks) * 512;
}

// One file per extent, and nothing else.
void expect_folder(made_torrent const& torrent, fs::path const& folder)
{
	for (auto const& file : torrent.files)
	{
		ASSERT_TRUE(content_equals(folder / offset_name(file.offset), file.bytes));
	}
	EXPECT_EQ(
		static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {})), torrent.files.size());
}

} // namespace

TEST(targets, image_file_is_made_and_sparse)
{
	prepared_image const image(extent_layout{.count = 20, .largest_gap = 4 * mib});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto const target = image.dir / "target.img";
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, target));

	ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));

	EXPECT_EQ(fs::file_size(target), end_of(image.torrent.files));
	EXPECT_TRUE(device_equals(target, image.torrent.files, background::zeros));
	EXPECT_LT(space_of(target), fs::file_size(target) / 4);
}

TEST(targets, image_file_that_exists_keeps_what_lies_outside_the_extents)
{
	prepared_image const image(extent_layout{.count = 50});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto const target = image.dir / "target.img";
	write_sparse_file(target, image.device_size);
	fill_with_pattern(target, image.device_size);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, target));

	ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));

	EXPECT_EQ(fs::file_size(target), image.device_size);
	EXPECT_TRUE(device_equals(target, image.torrent.files, background::pattern));
}

TEST(targets, folder_gets_one_file_an_extent)
{
	prepared_image const image(extent_layout{.count = 50}, {.shuffled = true});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto const folder = image.dir.path() / "extents";
	fs::create_directory(folder);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, folder.string()));

	ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));

	expect_folder(image.torrent, folder);
}

// One job seeds three torrents from an image file, a folder and a device; another images all three.
TEST(targets, several_in_one_job_are_served_and_imaged_together)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const a(extent_layout{.count = 60, .seed = 1}, {.name = "a"});
	prepared_image const b(extent_layout{.count = 60, .seed = 2}, {.name = "b"});
	prepared_image const c(extent_layout{.count = 60, .seed = 3}, {.name = "c"});
	auto const b_source = write_files(b.torrent, b.dir.path()).string();
	loop_device const c_source(c.source_path);
	auto const port = free_port();
	auto seed_job = loopback_job();
	seed_job["swarm"]["listen"] = loopback(port);
	seed_job["seed_until"] = {{"idle_seconds", 0}, {"seconds", 60}};
	for (auto const& [image, source] : {std::pair<prepared_image const&, std::string>(a, a.source_path),
			 {b, b_source}, {c, c_source.path()}})
	{
		auto target = image_target(image.torrent_path, source);
		target["role"] = "seed";
		seed_job["targets"].push_back(target);
	}
	child_process seeder(run_command(a.dir, seed_job));
	ASSERT_TRUE(wait_for_listener(port, 10s)) << seeder.err();

	loop_device const a_target(a.device_size);
	fill_with_pattern(a_target.path(), a.device_size);
	auto const b_target = b.dir / "target.img";
	auto const c_target = c.dir.path() / "extents";
	fs::create_directory(c_target);
	auto job = loopback_job({port});
	job["targets"] = {image_target(a.torrent_path, a_target.path()), image_target(b.torrent_path, b_target),
		image_target(c.torrent_path, c_target.string())};
	EXPECT_TRUE(exits_with(run_job(b.dir, job), exit_code::done)) << seeder.err();

	EXPECT_TRUE(device_equals(a_target.path(), a.torrent.files, background::pattern));
	EXPECT_TRUE(device_equals(b_target, b.torrent.files, background::zeros));
	expect_folder(c.torrent, c_target);
	seeder.signal(SIGTERM);
	EXPECT_TRUE(exits_with(seeder, exit_code::terminated, 10s));
}

TEST(targets, seed_role_ends_well_after_the_seconds_of_the_job_and_changes_nothing)
{
	prepared_image const image(extent_layout{.count = 20});
	auto const before = device_snapshot(image.source_path);
	auto job = loopback_job();
	job["seed_until"] = {{"idle_seconds", 0}, {"seconds", 1}};
	auto target = image_target(image.torrent_path, image.source_path);
	target["role"] = "seed";
	job["targets"].push_back(target);

	EXPECT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));

	EXPECT_EQ(device_snapshot(image.source_path), before);
}

TEST(targets, imaged_agent_serves_the_next_one_for_as_long_as_the_job_says)
{
	prepared_image const image(extent_layout{.count = 60});
	auto first_job = loopback_job();
	auto const port = free_port();
	first_job["swarm"]["listen"] = loopback(port);
	first_job["seed_until"] = {{"idle_seconds", 0}, {"seconds", 60}};
	first_job["targets"].push_back(image_target(image.torrent_path, image.dir / "first.img"));
	beacon_listener const listener;
	first_job["beacon"] = {{"to", {listener.address()}}, {"interval_ms", 100}};
	auto server = std::make_unique<seeding_agent>(image.torrent_path, image.source_path);
	first_job["swarm"]["peers"] = {loopback(server->port())};
	child_process first(run_command(image.dir, first_job));
	ASSERT_TRUE(listener.wait_for_state("seeding", 20s)) << first.err();
	server.reset();

	temp_dir const second_dir;
	auto second_job = loopback_job({port});
	second_job["targets"].push_back(image_target(image.torrent_path, second_dir / "second.img"));
	ASSERT_TRUE(exits_with(run_job(second_dir, second_job), exit_code::done));

	EXPECT_TRUE(device_equals(second_dir / "second.img", image.torrent.files, background::zeros));
}

// The other targets are finished, but the job has failed.
TEST(targets, one_that_fails_does_not_stop_the_others)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const a(extent_layout{.count = 200, .seed = 1});
	prepared_image const b(extent_layout{.count = 200, .seed = 2});
	seeding_agent const a_seeder(a.torrent_path, a.source_path);
	seeding_agent const b_seeder(b.torrent_path, b.source_path);
	scoped_tmpfs const small(b.device_size / 2);
	write_sparse_file(small / "disk", b.device_size);
	loop_device const good(a.device_size);
	loop_device const failing(small / "disk");

	auto job = loopback_job({a_seeder.port(), b_seeder.port()});
	job["targets"] = {
		image_target(b.torrent_path, failing.path()), image_target(a.torrent_path, good.path())};
	write_file(a.dir / "job.json", job.dump());
	auto const result = run_rawswarm({"run", "--json", a.dir / "job.json"});

	EXPECT_TRUE(exits_with(result, exit_code::device));
	EXPECT_TRUE(device_equals(good.path(), a.torrent.files, background::zeros));
	auto const report = nlohmann::json::parse(result.out);
	EXPECT_EQ(report["state"], "failed");
	EXPECT_EQ(report["targets"][0]["state"], "failed");
	EXPECT_EQ(report["targets"][1]["state"], "done");
	EXPECT_NE(report["error"]["text"].get<std::string>().find(failing.path()), std::string::npos);
}

// The kernel reads the rest of a sector that is written in part, and three extents have parts of one.
TEST(targets, extents_that_begin_and_end_inside_sectors_are_written_exactly_and_said)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image({{.offset = 100, .bytes = std::string(50, 'a')},
		{.offset = 150, .bytes = std::string(30, 'b')}, {.offset = 400, .bytes = std::string(70'000, 'c')},
		{.offset = 70'401, .bytes = std::string(1, 'd')}});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	loop_device const device(image.device_size);
	fill_with_pattern(device.path(), image.device_size);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, device.path()));
	job["verify"] = "readback";
	auto command = run_command(image.dir, job);
	command.argv.emplace_back("--json");
	auto const result = run(command);
	EXPECT_TRUE(exits_with(result, exit_code::done));
	EXPECT_TRUE(device_equals(device.path(), image.torrent.files, background::pattern));
	EXPECT_NE(result.out.find("0x64 begins inside a sector"), std::string::npos) << result.out;
}

TEST(targets, files_that_are_named_like_dates_are_refused_by_a_device)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image(
		std::vector<torrent_file>{{.offset = 0x240131, .bytes = "first", .name = "240131"},
			{.offset = 0x240201, .bytes = "second", .name = "240201"}});
	temp_dir const dir;
	write_sparse_file(dir / "backing", 8 * mib);
	loop_device const device(dir / "backing");
	device_snapshot const before(device.path());
	auto job = loopback_job();
	job["targets"].push_back(image_target(image.torrent_path, device.path()));
	auto const result = run_job(image.dir, job);
	EXPECT_TRUE(exits_with(result, exit_code::refused));
	EXPECT_NE(result.err.find("file \"240131\" would begin inside a sector"), std::string::npos)
		<< result.err;
	EXPECT_EQ(device_snapshot(device.path()), before);
}

TEST(targets, torrent_path_is_relative_to_the_job)
{
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target("disk.torrent", image.dir / "target.img"));
	EXPECT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));
}

} // namespace rawswarm::test
