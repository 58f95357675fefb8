// SPDX-License-Identifier: BSD-3-Clause
// The copy of the GPT of an image on a larger disk: what was not done, or should be, is said.
#include "tests/support/base/skip.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;

// The notes of the report about an image with a table of this kind.
nlohmann::json notes_on(
	std::string const& label, std::uint64_t const disk_size, std::string const& backup_gpt)
{
	temp_dir const dir;
	auto const source = dir / "source.img";
	write_sparse_file(source, 8 * mib);
	run_sfdisk(source, "label: " + label + "\nsize=2M\n");
	EXPECT_TRUE(exits_with(run_rawswarm({"create", source, "-o", dir / "disk.torrent"}), exit_code::done));
	seeding_agent const seeder(dir / "disk.torrent", source);
	loop_device const disk(disk_size);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(dir / "disk.torrent", disk.path()));
	job["targets"][0]["backup_gpt"] = backup_gpt;
	auto command = run_command(dir, job);
	command.argv.emplace_back("--json");
	auto const result = run(command);
	EXPECT_TRUE(exits_with(result, exit_code::done));
	auto const target = nlohmann::json::parse(result.out)["targets"][0];
	auto const notes = target.value("notes", nlohmann::json::array());
	for (auto const& note : notes)
	{
		EXPECT_NE(result.err.find(note.get<std::string>()), std::string::npos) << result.err;
	}
	return notes;
}

} // namespace

TEST(gpt_copy, a_larger_disk_is_said_to_want_the_copy_at_its_end_and_how)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	auto const notes = notes_on("gpt", 16 * mib, "keep");
	ASSERT_EQ(notes.size(), 1U);
	EXPECT_NE(notes[0].get<std::string>().find("\"backup_gpt\": \"move\""), std::string::npos) << notes;
	EXPECT_EQ(notes_on("gpt", 8 * mib, "keep").size(), 0U);
	EXPECT_EQ(notes_on("gpt", 16 * mib, "move").size(), 0U);
}

TEST(gpt_copy, a_table_that_was_moved_is_no_difference_from_the_torrent_and_another_one_is)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	temp_dir const dir;
	auto const source = dir / "source.img";
	write_sparse_file(source, 8 * mib);
	run_sfdisk(source, "label: gpt\nsize=2M\n");
	ASSERT_TRUE(exits_with(run_rawswarm({"create", source, "-o", dir / "disk.torrent"}), exit_code::done));
	seeding_agent const seeder(dir / "disk.torrent", source);
	loop_device const disk(16 * mib);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(dir / "disk.torrent", disk.path()));
	job["targets"][0]["backup_gpt"] = "move";
	ASSERT_TRUE(exits_with(run_job(dir, job), exit_code::done));
	ASSERT_NE(read_at(disk.path(), 0, 1024), read_at(source, 0, 1024));

	EXPECT_TRUE(exits_with(run_rawswarm({"verify", dir / "job.json"}), exit_code::done));

	write_at(disk.path(), 4096, "x");
	EXPECT_TRUE(exits_with(run_rawswarm({"verify", dir / "job.json"}), exit_code::verification));
}

TEST(gpt_copy, a_move_that_was_asked_for_and_not_done_is_said)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	auto const notes = notes_on("dos", 16 * mib, "move");
	ASSERT_EQ(notes.size(), 1U);
	EXPECT_EQ(notes[0], "no copy of a GPT was moved: the image has no GPT");
}

} // namespace rawswarm::test
