// SPDX-License-Identifier: BSD-3-Clause
// Use from a rescue shell: a job given by flags alone, and flags that override a job.
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

namespace rawswarm::test
{

TEST(flags, alone_image_a_device)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image(extent_layout{.count = 100});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	loop_device const device(image.device_size);
	fill_with_pattern(device.path(), image.device_size);

	ASSERT_TRUE(exits_with(run_rawswarm({"run", "--torrent", image.torrent_path, "--device", device.path(),
							   "--peer", loopback(seeder.port()), "--listen", "127.0.0.1:0", "--no-lsd",
							   "--seed-seconds", "0", "--on-failure", "continue"}),
		exit_code::done));

	EXPECT_TRUE(device_equals(device.path(), image.torrent.files, background::pattern));
}

TEST(flags, override_the_values_of_a_job)
{
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job();
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "of-the-job.img"));
	write_file(image.dir / "job.json", job.dump());

	ASSERT_TRUE(exits_with(run_rawswarm({"run", image.dir / "job.json", "--device", image.dir / "target.img",
							   "--peer", loopback(seeder.port())}),
		exit_code::done));

	EXPECT_TRUE(device_equals(image.dir / "target.img", image.torrent.files, background::zeros));
	EXPECT_FALSE(std::filesystem::exists(image.dir / "of-the-job.img"));
}

TEST(flags, job_is_read_from_standard_input)
{
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	auto command = rawswarm_command({"run", "-"});
	command.stdin_text = job.dump();

	ASSERT_TRUE(exits_with(run(command), exit_code::done));

	EXPECT_TRUE(device_equals(image.dir / "target.img", image.torrent.files, background::zeros));
}

TEST(flags, that_can_be_repeated_take_one_value_each_and_leave_the_job_alone)
{
	prepared_image const image(extent_layout{.count = 20});
	auto job = loopback_job();
	job["targets"].push_back(image_target(image.torrent_path, image.dir / "target.img"));
	write_file(image.dir / "job.json", job.dump());

	EXPECT_TRUE(exits_with(
		run_rawswarm({"check", "--peer", "127.0.0.1:5", "--peer", "127.0.0.1:6", image.dir / "job.json"}),
		exit_code::done));
}

TEST(flags, piece_size_is_a_size_with_a_unit_or_without)
{
	prepared_image const image(extent_layout{.count = 20});
	auto const torrent_with = [&](std::string const& piece_size) {
		auto const made = image.dir / (piece_size + ".torrent");
		EXPECT_TRUE(exits_with(run_rawswarm({"create", "--name", "image", "--piece-size", piece_size,
								   image.source_path, "-o", made}),
			exit_code::done));
		return read_file(made);
	};

	auto const in_bytes = torrent_with("65536");
	EXPECT_NE(torrent_with("131072"), in_bytes);
	EXPECT_EQ(torrent_with("64K"), in_bytes);
	EXPECT_EQ(torrent_with("64 KiB"), in_bytes);
	for (auto const* const refused : {"64KB", "-64K", "0.5M", "65537"})
	{
		EXPECT_TRUE(exits_with(run_rawswarm({"create", std::string("--piece-size=") + refused,
								   image.source_path, "-o", image.dir / "refused.torrent"}),
			exit_code::usage))
			<< refused;
	}
}

TEST(flags, addresses_that_are_none_are_a_wrong_command_line)
{
	for (auto const& arguments :
		{std::vector<std::string>{"watch", "--listen", "everywhere"}, {"watch", "--group", "10.0.0.1"},
			{"run", "--peer", "10.0.0.1"}, {"run", "--tracker", "http://"}})
	{
		EXPECT_TRUE(exits_with(run_rawswarm(arguments), exit_code::usage)) << arguments.at(1);
	}
}

TEST(flags, that_do_not_exist_are_a_wrong_command_line)
{
	EXPECT_TRUE(exits_with(run_rawswarm({"run", "--colour", "red"}), exit_code::usage));
	EXPECT_TRUE(exits_with(run_rawswarm({"run"}), exit_code::usage));
	EXPECT_TRUE(exits_with(run_rawswarm({"paint"}), exit_code::usage));
}

} // namespace rawswarm::test
