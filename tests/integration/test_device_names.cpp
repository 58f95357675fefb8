// SPDX-License-Identifier: BSD-3-Clause
// Names that are no path of a device: none of them may become a file that is taken for the disk.
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1024 * 1024;

// The program with `folder` as its working directory.
run_result run_in(fs::path const& folder, std::vector<std::string> const& arguments)
{
	auto command = rawswarm_command(arguments);
	command.argv.insert(command.argv.begin(), {"env", "-C", folder.string()});
	return run(command);
}

bool says(run_result const& result, std::string const& words)
{
	return result.err.find(words) != std::string::npos;
}

} // namespace

TEST(device_names, the_name_of_a_device_without_dev_is_refused_with_the_path_that_was_meant)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image(extent_layout{.count = 20});
	loop_device const device(image.device_size);
	auto const name = fs::path(device.path()).filename().string();
	temp_dir const here;
	for (std::string const command : {"check", "run", "verify"})
	{
		for (bool const create : {false, true})
		{
			SCOPED_TRACE(command);
			std::vector<std::string> arguments{command, "--torrent", image.torrent_path, "--device", name};
			if (create)
			{
				arguments.emplace_back("--create-file");
			}
			auto const result = run_in(here.path(), arguments);
			EXPECT_TRUE(exits_with(result, exit_code::target));
			EXPECT_TRUE(says(result, "opening " + name + ": ")) << result.err;
			EXPECT_TRUE(says(result, "the device is " + device.path())) << result.err;
		}
	}
	EXPECT_TRUE(fs::is_empty(here.path()));
}

TEST(device_names, a_file_with_the_name_of_a_device_is_not_taken_for_the_device)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image(extent_layout{.count = 20});
	loop_device const device(image.device_size);
	auto const name = fs::path(device.path()).filename().string();
	temp_dir const here;
	write_sparse_file(here / name, image.device_size);
	auto const result = run_in(here.path(), {"check", "--torrent", image.torrent_path, "--device", name});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_TRUE(says(result, "the device is " + device.path() + ", the file ./" + name)) << result.err;
	EXPECT_TRUE(
		exits_with(run_in(here.path(), {"check", "--torrent", image.torrent_path, "--device", "./" + name}),
			exit_code::done));
}

TEST(device_names, an_image_file_that_does_not_exist_is_made_only_where_it_is_asked_for)
{
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	auto const target = image.dir / "vdz";
	job["targets"].push_back({{"torrent", image.torrent_path}, {"device", target}});
	auto const refused = run_job(image.dir, job);
	EXPECT_TRUE(exits_with(refused, exit_code::target));
	EXPECT_TRUE(says(refused, "\"create\": true (--create-file)")) << refused.err;
	EXPECT_TRUE(exits_with(run_rawswarm({"check", image.dir / "job.json"}), exit_code::target));
	EXPECT_FALSE(fs::exists(target));
	EXPECT_TRUE(
		exits_with(run_rawswarm({"check", image.dir / "job.json", "--create-file"}), exit_code::done));
	EXPECT_FALSE(fs::exists(target));
	job["targets"][0]["create"] = true;
	EXPECT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));
	EXPECT_TRUE(device_equals(target, image.torrent.files, background::zeros));
}

// The root is in memory there, as the kernel's first root is.
TEST(device_names, no_file_is_made_or_written_in_an_initramfs)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image(extent_layout{.count = 20});
	scoped_tmpfs const root(256 * mib);
	auto const program = rawswarm_command({}).argv.front();
	fs::copy_file(program, root / "rawswarm");
	fs::copy_file(image.torrent_path, root / "image.torrent");
	write_sparse_file(root / "left-over", image.device_size);
	struct refusal
	{
		std::string device;
		std::string words;
	};
	std::vector<refusal> const wanted = {
		{"vda", "creating vda: no file is made on a machine whose root is in memory"},
		{"/root.img", "creating /root.img: no file is made on a machine whose root is in memory"},
		{"/left-over", "opening /left-over: a file in memory and no device"},
	};
	for (auto const& [device, words] : wanted)
	{
		for (std::string const command : {"check", "run"})
		{
			SCOPED_TRACE(command + " " + device);
			child_options chrooted;
			chrooted.argv = {"chroot", root.path(), "/rawswarm", command, "--torrent", "/image.torrent",
				"--device", device, "--create-file", "--listen", "127.0.0.1:0", "--no-lsd"};
			auto const result = run(chrooted);
			EXPECT_TRUE(exits_with(result, exit_code::target));
			EXPECT_TRUE(says(result, words)) << result.err;
			EXPECT_EQ(fs::exists(root / device), device == "/left-over");
		}
	}
}

TEST(device_names, a_selector_is_taken_from_the_command_line_as_devices_prints_it)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	loop_device const device(image.device_size);
	nlohmann::json const selector{{"path", device.path()}, {"bus", "loop"}};
	auto const result = run_rawswarm({"run", "--torrent", image.torrent_path, "--device", selector.dump(),
		"--peer", "127.0.0.1:" + std::to_string(seeder.port()), "--listen", "127.0.0.1:0", "--no-lsd",
		"--seed-seconds", "0"});
	EXPECT_TRUE(exits_with(result, exit_code::done));
	EXPECT_TRUE(device_equals(device.path(), image.torrent.files, background::zeros));
	EXPECT_TRUE(exits_with(
		run_rawswarm({"check", "--torrent", image.torrent_path, "--device", R"({"serie":"S4EVNX0"})"}),
		exit_code::usage));
}

} // namespace rawswarm::test
