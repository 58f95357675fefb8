// SPDX-License-Identifier: BSD-3-Clause
// Jobs that partition a disk and image its new partitions, and images of whole disks.
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mebibyte = 1024 * 1024;

constexpr char const* efi_uuid = "11111111-2222-4333-8444-555555555501";
constexpr char const* root_uuid = "11111111-2222-4333-8444-555555555502";
constexpr char const* swap_uuid = "11111111-2222-4333-8444-555555555503";

std::string script()
{
	return fmt::format("label: gpt\n"
					   "size=40M, type=U, name=efi, uuid={}\n"
					   "size=32M, type=L, name=root, uuid={}\n"
					   "type=S, name=swap, uuid={}\n",
		efi_uuid, root_uuid, swap_uuid);
}

// An image file, its torrent and its seeder.
struct served_image
{
	served_image(temp_dir const& dir, std::string const& name, std::uint64_t const size,
		std::vector<std::string> const& make)
		: source(dir / (name + ".img"))
		, torrent(dir / (name + ".torrent"))
	{
		write_sparse_file(source, size);
		auto command = make;
		command.push_back(source);
		run_checked(command);
		run_checked({rawswarm_command({}).argv.front(), "create", "--skip-zeros", source, "-o", torrent});
		seeder = std::make_unique<seeding_agent>(torrent, source);
	}

	std::string source;
	std::string torrent;
	std::unique_ptr<seeding_agent> seeder;
};

class partitioned_job : public ::testing::Test
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT_LOOP_DEVICES();
		m_efi = std::make_unique<served_image>(
			m_dir, "efi", 36 * mebibyte, std::vector<std::string>{"mkfs.fat", "-F", "32", "-S", "512"});
		m_root = std::make_unique<served_image>(
			m_dir, "root", 24 * mebibyte, std::vector<std::string>{"mkfs.ext4", "-q", "-b", "4096"});
		m_swap = std::make_unique<served_image>(
			m_dir, "swap", 8 * mebibyte, std::vector<std::string>{"mkswap", "-q"});
	}

	nlohmann::json job(std::string const& disk) const
	{
		auto job = loopback_job({m_efi->seeder->port(), m_root->seeder->port(), m_swap->seeder->port()});
		job["partition_tables"] = {{{"disk", disk}, {"script", script()}}};
		job["targets"] = {image_target(m_efi->torrent, disk + "p1"), image_target(m_root->torrent, ""),
			image_target(m_swap->torrent, "")};
		job["targets"][1]["device"] = {{"path", disk}, {"partlabel", "root"}};
		job["targets"][2]["device"] = {{"partuuid", swap_uuid}, {"bus", "loop"}};
		job["verify"] = "readback";
		return job;
	}

	nlohmann::json report_of(nlohmann::json const& job, int const expected) const
	{
		write_file(m_dir / "job.json", job.dump());
		auto const result = run_rawswarm({"run", "--json", m_dir / "job.json"}, std::chrono::seconds(60));
		EXPECT_TRUE(exits_with(result, expected));
		return result.out.empty() ? nlohmann::json() : nlohmann::json::parse(result.out);
	}

	// True if the partition starts with the image.
	static ::testing::AssertionResult holds(std::string const& device, std::string const& source)
	{
		return read_at(device, 0, std::filesystem::file_size(source)) == read_file(source)
			? ::testing::AssertionSuccess()
			: ::testing::AssertionFailure() << device << " does not hold " << source;
	}

	temp_dir m_dir;
	std::unique_ptr<served_image> m_efi;
	std::unique_ptr<served_image> m_root;
	std::unique_ptr<served_image> m_swap;
};

} // namespace

TEST_F(partitioned_job, empty_disk_ends_bootable_in_form)
{
	loop_device const disk(128 * mebibyte);
	auto const report = report_of(job(disk.path()), exit_code::done);
	EXPECT_EQ(report["partition_tables"],
		nlohmann::json({{{"disk", disk.path()}, {"was_there", false}, {"changed", true}}}));

	EXPECT_EQ(sgdisk_verdict(disk.path()), "clean");
	EXPECT_EQ(known_partitions(disk.path()).size(), 3U);
	EXPECT_TRUE(holds(disk.path() + "p1", m_efi->source));
	EXPECT_TRUE(holds(disk.path() + "p2", m_root->source));
	EXPECT_TRUE(holds(disk.path() + "p3", m_swap->source));
	run_checked({"fsck.fat", "-n", disk.path() + "p1"});
	run_checked({"fsck.ext4", "-f", "-n", disk.path() + "p2"});
	EXPECT_EQ(run_checked({"blkid", "-p", "-o", "value", "-s", "TYPE", disk.path() + "p3"}), "swap");
	int number = 0;
	for (auto const* const uuid : {efi_uuid, root_uuid, swap_uuid})
	{
		auto const device = fmt::format("{}p{}", disk.path(), ++number);
		EXPECT_EQ(run_checked({"blkid", "-p", "-o", "value", "-s", "PART_ENTRY_UUID", device}), uuid);
	}
}

TEST_F(partitioned_job, second_run_leaves_the_table_alone_and_fetches_nothing_that_is_there)
{
	loop_device const disk(128 * mebibyte);
	auto job = this->job(disk.path());
	report_of(job, exit_code::done);
	for (auto& target : job["targets"])
	{
		target["existing"] = "verify";
	}
	auto const report = report_of(job, exit_code::done);
	EXPECT_EQ(report["partition_tables"],
		nlohmann::json({{{"disk", disk.path()}, {"was_there", true}, {"changed", false}}}));
	for (auto const& target : report["targets"])
	{
		EXPECT_EQ(target["fetched"], 0);
	}
}

TEST_F(partitioned_job, check_writes_nothing_and_says_what_would_be_done)
{
	loop_device const disk(128 * mebibyte);
	device_snapshot const before(disk.path());
	write_file(m_dir / "job.json", job(disk.path()).dump());
	auto const result = run_rawswarm({"check", "--json", m_dir / "job.json"});
	ASSERT_TRUE(exits_with(result, exit_code::done));
	auto const plan = nlohmann::json::parse(result.out);
	EXPECT_EQ(plan["partition_tables"][0]["partitions"].size(), 3U);
	EXPECT_EQ(plan["partition_tables"][0]["partitions"][1]["uuid"], root_uuid);
	EXPECT_EQ(plan["targets"][1]["device"], disk.path() + "p2");
	EXPECT_EQ(plan["targets"][2]["device"], disk.path() + "p3");
	EXPECT_EQ(device_snapshot(disk.path()), before);
}

// An image that will not fit into its new partition is refused before the table is written.
TEST_F(partitioned_job, image_that_does_not_fit_its_new_partition_is_refused_before_the_table_is_changed)
{
	loop_device const disk(128 * mebibyte);
	device_snapshot const before(disk.path());
	auto job = this->job(disk.path());
	job["partition_tables"][0]["script"] =
		"label: gpt\nsize=8M, name=efi\nsize=32M, name=root\ntype=S, uuid=" + std::string(swap_uuid) + "\n";
	auto const report = report_of(job, exit_code::target);
	EXPECT_NE(report["error"]["text"].get<std::string>().find(disk.path() + "p1"), std::string::npos);
	EXPECT_EQ(device_snapshot(disk.path()), before);
}

TEST_F(partitioned_job, partition_that_the_new_table_does_not_have_is_refused)
{
	loop_device const disk(128 * mebibyte);
	device_snapshot const before(disk.path());
	auto job = this->job(disk.path());
	job["targets"][0]["device"] = disk.path() + "p4";
	report_of(job, exit_code::target);
	job = this->job(disk.path());
	job["targets"][1]["device"] = {{"path", disk.path()}, {"partlabel", "home"}, {"wait_seconds", 0}};
	report_of(job, exit_code::target);
	EXPECT_EQ(device_snapshot(disk.path()), before);
}

TEST_F(partitioned_job, image_over_a_disk_that_the_job_partitions_is_refused)
{
	loop_device const disk(128 * mebibyte);
	device_snapshot const before(disk.path());
	auto job = this->job(disk.path());
	job["targets"][0]["device"] = disk.path();
	report_of(job, exit_code::refused);
	EXPECT_EQ(device_snapshot(disk.path()), before);
}

// One target cannot be written, so no disk is touched.
TEST_F(partitioned_job, guards_of_all_targets_come_before_the_table)
{
	loop_device const disk(128 * mebibyte);
	loop_device const other(48 * mebibyte, {.read_only = true});
	device_snapshot const before(disk.path());
	auto job = this->job(disk.path());
	job["targets"][0]["device"] = other.path();
	report_of(job, exit_code::target);
	EXPECT_EQ(device_snapshot(disk.path()), before);
}

// Without a seeder the job runs into its time limit, and the new table is on the disk by then.
TEST_F(partitioned_job, failure_after_the_table_was_changed_says_so)
{
	loop_device const disk(128 * mebibyte);
	auto job = this->job(disk.path());
	job["swarm"]["peers"] = nlohmann::json::array();
	job["timeout_seconds"] = 1;
	auto const report = report_of(job, exit_code::network);
	auto const text = report["error"]["text"].get<std::string>();
	EXPECT_NE(text.find("the partition table of " + disk.path() + " was changed"), std::string::npos) << text;
	EXPECT_EQ(report["partition_tables"][0]["changed"], true);
}

// The image of a whole disk of 64 MiB with two partitions.
class whole_disk : public ::testing::Test
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT_LOOP_DEVICES();
		write_sparse_file(m_source, 64 * mebibyte);
		{
			loop_device const original(m_source);
			write_script(original.path(), "label: gpt\nsize=16M, name=a\nsize=8M, name=b\n");
		}
		ASSERT_TRUE(exits_with(run_rawswarm({"create", "--skip-zeros", m_source, "-o", m_torrent}), 0));
		m_seeder = std::make_unique<seeding_agent>(m_torrent, m_source);
	}

	void image(std::string const& disk, std::string const& copy, int const expected = exit_code::done) const
	{
		auto job = loopback_job({m_seeder->port()});
		job["targets"].push_back(image_target(m_torrent, disk));
		job["targets"][0]["backup_gpt"] = copy;
		EXPECT_TRUE(exits_with(run_job(m_dir, job), expected));
	}

	static void expect_both_partitions(std::string const& disk)
	{
		auto const partitions = known_partitions(disk);
		ASSERT_EQ(partitions.size(), 2U);
		EXPECT_EQ(partitions.at(1).second, 16 * mebibyte);
		EXPECT_EQ(partitions.at(2).second, 8 * mebibyte);
	}

	temp_dir m_dir;
	std::string m_source = m_dir / "whole.img";
	std::string m_torrent = m_dir / "whole.torrent";
	std::unique_ptr<seeding_agent> m_seeder;
};

TEST_F(whole_disk, image_shows_its_partitions_at_the_end)
{
	loop_device const disk(64 * mebibyte);
	write_script(disk.path(), "label: dos\nsize=4M\nsize=4M\nsize=4M\n"); // these go
	image(disk.path(), "keep");
	expect_both_partitions(disk.path());
	EXPECT_EQ(sgdisk_verdict(disk.path()), "clean");
}

TEST_F(whole_disk, copy_of_the_gpt_goes_to_the_end_of_a_larger_disk_if_the_job_says_so)
{
	loop_device const disk(96 * mebibyte);
	image(disk.path(), "keep");
	expect_both_partitions(disk.path());
	EXPECT_NE(sgdisk_verdict(disk.path()), "clean");
	image(disk.path(), "move");
	expect_both_partitions(disk.path());
	EXPECT_EQ(sgdisk_verdict(disk.path()), "clean");
}

TEST_F(whole_disk, partition_has_no_copy_to_move)
{
	loop_device const disk(96 * mebibyte);
	write_script(disk.path(), "label: gpt\nsize=80M\n");
	image(disk.path() + "p1", "move", exit_code::target);
}

} // namespace rawswarm::test
