// SPDX-License-Identifier: BSD-3-Clause
// The image of a disk on one that is a little smaller: its last partition ends with the disk, or nothing is
// written at all.
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/machine/file_system.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <functional>
#include <memory>
#include <string>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t source_size = 512 * mib;
constexpr std::uint64_t boot_size = 40 * mib;
constexpr std::uint64_t root_offset = 41 * mib; // of the second partition
constexpr auto long_time = 120s;

class smaller_disks : public ::testing::Test
{
protected:
	// A boot partition, and one over the rest of the disk.
	void make_source(std::string const& label, int const sector = 512)
	{
		m_sector = sector;
		make_tree(m_dir / "tree");
		write_sparse_file(m_source, source_size);
		m_disk = std::make_unique<loop_device>(m_source, loop_options{.sector_size = sector});
		auto const boot = label == "gpt" ? "uefi" : "ef";
		child_options sfdisk;
		sfdisk.argv = {"sfdisk", "-q", "--no-reread", "--no-tell-kernel", m_disk->path()};
		sfdisk.stdin_text = "label: " + label + "\nsize=40M, type=" + boot + "\nsize=470M, type=linux\n";
		ASSERT_EQ(run(sfdisk).exit_code, 0);
		with_part(mib, boot_size, [](std::string const& device) { run_checked({"mkfs.vfat", device}); });
	}

	// Has the window of the source as a device.
	void with_part(std::uint64_t const offset, std::uint64_t const length,
		std::function<void(std::string const& device)> const& use)
	{
		auto const device =
			run_checked({"losetup", "--find", "--show", "--sector-size", std::to_string(m_sector), "--offset",
				std::to_string(offset), "--sizelimit", std::to_string(length), m_disk->path()});
		use(device);
		run_checked({"losetup", "--detach", device});
	}

	// An ext4 over all of the second partition that then is made smaller.
	void fill_root(std::string const& size = "300M")
	{
		with_part(root_offset, 470 * mib, [&](std::string const& device) {
			make_file_system(file_system_kind::ext4, device, m_dir / "tree");
			run({"e2fsck", "-fp", device});
			run_checked({"resize2fs", device, size});
		});
	}

	// What create says of it; the disk is closed afterwards.
	void create(std::vector<std::string> const& how = {"--map", "auto"}, bool const from_device = false)
	{
		run_checked({"sync"});
		if (!from_device)
		{
			m_disk.reset();
		}
		std::vector<std::string> arguments{
			"create", from_device ? m_disk->path() : m_source, "-o", torrent()};
		arguments.insert(arguments.end(), how.begin(), how.end());
		ASSERT_TRUE(exits_with(run_rawswarm(arguments, long_time), exit_code::done));
		m_disk.reset();
	}

	std::uint64_t smallest() const
	{
		auto const info = run_rawswarm({"info", torrent(), "--json"});
		EXPECT_TRUE(exits_with(info, exit_code::done));
		return nlohmann::json::parse(info.out).value("smallest_size", std::uint64_t(0));
	}

	nlohmann::json job(std::string const& disk, std::uint16_t const peer, nlohmann::json const& keys) const
	{
		auto job = loopback_job({peer});
		job["targets"].push_back(image_target(torrent(), disk));
		job["targets"][0].update(keys);
		return job;
	}

	run_result image(std::string const& disk, nlohmann::json const& keys = {{"shrink", true}})
	{
		seeding_agent const seeder(torrent(), m_source);
		auto command = run_command(m_dir, job(disk, seeder.port(), keys));
		command.argv.emplace_back("--json");
		return run(command, long_time);
	}

	void expect_refused(std::uint64_t const size, nlohmann::json const& keys, std::string const& text)
	{
		loop_device const disk(size);
		fill_with_pattern(disk.path(), 4 * mib);
		device_snapshot const before(disk.path());
		auto const imaged = image(disk.path(), keys);
		EXPECT_TRUE(exits_with(imaged, exit_code::target));
		EXPECT_NE(imaged.err.find(text), std::string::npos) << imaged.err << "\nwanted: " << text;
		EXPECT_EQ(device_snapshot(disk.path()), before);
	}

	// The table is sound, the kernel shows it, and the second partition has this end and every file.
	void expect_right(loop_device const& disk, std::uint64_t const end)
	{
		auto const table = read_partition_table(disk.path()).value().value();
		ASSERT_EQ(table.partitions.size(), 2U);
		EXPECT_EQ(table.partitions[0].length, boot_size);
		EXPECT_EQ(table.partitions[1].offset, root_offset);
		EXPECT_EQ(table.partitions[1].offset + table.partitions[1].length, end);
		EXPECT_EQ(known_partitions(disk.path()), partitions_of(table));
		if (table.kind == "gpt")
		{
			EXPECT_EQ(sgdisk_verdict(disk.path()), "clean");
		}
		auto const verified = run({"sfdisk", "--verify", disk.path()});
		EXPECT_NE((verified.out + verified.err).find("No errors detected"), std::string::npos)
			<< verified.out << verified.err;
		auto const boot = run({"fsck.vfat", "-n", disk.path() + "p1"});
		EXPECT_EQ(boot.exit_code, 0) << boot.out << boot.err;
		expect_file_system(file_system_kind::ext4, disk.path() + "p2", m_dir / "tree");
	}

	std::string torrent() const { return m_dir / "disk.torrent"; }

	temp_dir m_dir;
	std::string m_source = m_dir / "source.img";
	std::unique_ptr<loop_device> m_disk;
	int m_sector = 512;
};

constexpr std::uint64_t gpt_copy = 33 * 512;

} // namespace

#define SKIP_WITHOUT_DISKS() \
	SKIP_WITHOUT_LOOP_DEVICES(); \
	SKIP_WITHOUT("sfdisk"); \
	SKIP_WITHOUT("sgdisk"); \
	SKIP_WITHOUT("mkfs.vfat"); \
	if (auto const why = why_no_file_system(file_system_kind::ext4); !why.empty()) \
	GTEST_SKIP() << why

TEST_F(smaller_disks, take_an_image_whose_last_file_system_fits)
{
	SKIP_WITHOUT_DISKS();
	make_source("gpt");
	fill_root();
	create();
	EXPECT_EQ(smallest(), root_offset + 300 * mib + gpt_copy);
	loop_device const disk(400 * mib, {.partition_scan = true});
	fill_with_pattern(disk.path(), 400 * mib);

	auto const imaged = image(disk.path());

	ASSERT_TRUE(exits_with(imaged, exit_code::done));
	// the torrent says what the table was like
	EXPECT_TRUE(exits_with(run_rawswarm({"verify", m_dir / "job.json"}, long_time), exit_code::done));
	expect_right(disk, 399 * mib);
	EXPECT_TRUE(exits_with(run_rawswarm({"verify", m_dir / "job.json"}, long_time), exit_code::verification))
		<< "it was mounted";
	auto const target = nlohmann::json::parse(imaged.out)["targets"][0];
	EXPECT_EQ(target["done"], target["total"]);
	ASSERT_EQ(target["notes"].size(), 1U) << target;
	EXPECT_EQ(target["notes"][0], "partition 2 has shrunk from 470.0 MiB to 358.0 MiB, the end of the disk");
}

TEST_F(smaller_disks, of_the_smallest_size_will_do_and_one_sector_less_is_refused_before_the_first_byte)
{
	SKIP_WITHOUT_DISKS();
	make_source("gpt");
	fill_root();
	create();
	auto const size = smallest();
	auto const needs = "the torrent needs " + std::to_string(source_size);
	expect_refused(size - 512, {{"shrink", true}},
		"the device has " + std::to_string(size - 512) + " bytes, " + needs + ", or " + std::to_string(size)
			+ " once its last partition has shrunk");
	expect_refused(400 * mib, nlohmann::json::object(),
		needs + "; with \"shrink\": true it needs " + std::to_string(size));
	loop_device const disk(size, {.partition_scan = true});
	ASSERT_TRUE(exits_with(image(disk.path()), exit_code::done));
	expect_right(disk, size - gpt_copy);
}

TEST_F(smaller_disks, with_sectors_of_4096_bytes_take_an_image_of_such)
{
	SKIP_WITHOUT_DISKS();
	make_source("gpt", 4096);
	fill_root();
	create({"--map", "auto"}, true);
	constexpr std::uint64_t copy = 5 * 4096;
	EXPECT_EQ(smallest(), root_offset + 300 * mib + copy);
	loop_device const disk(400 * mib, {.sector_size = 4096, .partition_scan = true});
	ASSERT_TRUE(exits_with(image(disk.path()), exit_code::done));
	EXPECT_TRUE(exits_with(run_rawswarm({"verify", m_dir / "job.json"}, long_time), exit_code::done));
	expect_right(disk, 399 * mib);
}

TEST_F(smaller_disks, take_an_image_with_an_mbr)
{
	SKIP_WITHOUT_DISKS();
	make_source("dos");
	fill_root();
	create();
	EXPECT_EQ(smallest(), root_offset + 300 * mib);
	loop_device const disk(400 * mib, {.partition_scan = true});
	ASSERT_TRUE(exits_with(image(disk.path()), exit_code::done));
	auto const verified = run_rawswarm({"verify", m_dir / "job.json"}, long_time);
	EXPECT_TRUE(exits_with(verified, exit_code::verification));
	EXPECT_NE(verified.err.find(": 1 of "), std::string::npos)
		<< "only the piece with the table: " << verified.err;
	expect_right(disk, 400 * mib);
}

TEST_F(smaller_disks, are_refused_if_the_last_file_system_fills_its_partition)
{
	SKIP_WITHOUT_DISKS();
	SKIP_WITHOUT("mkfs.xfs");
	make_source("gpt");
	with_part(root_offset, 470 * mib, [](std::string const& device) {
		run_checked({"mkfs.xfs", "-q", device});
	});
	create({"--skip-zeros"});
	EXPECT_EQ(smallest(), 511 * mib + gpt_copy);
	expect_refused(400 * mib, {{"shrink", true}}, std::to_string(511 * mib + gpt_copy));
}

TEST_F(smaller_disks, cut_an_empty_partition_and_space_that_belongs_to_none)
{
	SKIP_WITHOUT_DISKS();
	make_source("gpt");
	create({"--skip-zeros"});
	EXPECT_EQ(smallest(), root_offset + mib + gpt_copy) << "nothing is in the second partition";
	loop_device const disk(64 * mib, {.partition_scan = true});
	ASSERT_TRUE(exits_with(image(disk.path()), exit_code::done));
	auto const table = read_partition_table(disk.path()).value().value();
	EXPECT_EQ(table.partitions.at(1).length, 63 * mib - root_offset);

	run_checked({"sfdisk", "-q", "--delete", m_source, "2"});
	create({"--skip-zeros"});
	EXPECT_EQ(smallest(), root_offset + gpt_copy);
	auto const imaged = image(disk.path());
	ASSERT_TRUE(exits_with(imaged, exit_code::done));
	EXPECT_NE(imaged.out.find("no partition had to shrink"), std::string::npos) << imaged.out;
	EXPECT_EQ(sgdisk_verdict(disk.path()), "clean");
	EXPECT_EQ(known_partitions(disk.path()).size(), 1U);
	EXPECT_TRUE(exits_with(run_rawswarm({"verify", m_dir / "job.json"}, long_time), exit_code::done));
}

TEST_F(smaller_disks, are_refused_for_an_image_that_has_every_byte_of_its_disk)
{
	SKIP_WITHOUT_DISKS();
	make_source("gpt");
	create({});
	EXPECT_GT(smallest(), source_size - 64 * 1024);
	expect_refused(400 * mib, {{"shrink", true}}, std::to_string(smallest()));
}

TEST_F(smaller_disks, are_refused_where_the_torrent_does_not_say_how_small_a_disk_would_do)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const other({torrent_file{0, std::string(3 * mib, 'a')}});
	loop_device const disk(2 * mib);
	auto small = loopback_job();
	small["targets"].push_back(image_target(other.torrent_path, disk.path()));
	small["targets"][0]["shrink"] = true;
	auto const result = run_job(m_dir, small);
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("needs 3145728, and does not say how small a disk would do"), std::string::npos)
		<< result.err;
	small["targets"][0]["device"] = other.dir.path().string();
	auto const folder = run_job(m_dir, small);
	EXPECT_TRUE(exits_with(folder, exit_code::target));
	EXPECT_NE(folder.err.find("no whole disk whose last partition could shrink"), std::string::npos)
		<< folder.err;
}

TEST_F(smaller_disks, serve_the_image_as_it_was_to_others)
{
	SKIP_WITHOUT_DISKS();
	make_source("gpt");
	fill_root();
	create();
	loop_device const disk(400 * mib, {.partition_scan = true});
	loop_device const equal(source_size, {.partition_scan = true});
	auto seeder = std::make_unique<seeding_agent>(torrent(), m_source);
	auto small = job(disk.path(), seeder->port(), {{"shrink", true}});
	auto const port = free_port();
	small["swarm"]["listen"] = "127.0.0.1:" + std::to_string(port);
	small["seed_until"] = {{"idle_seconds", 0}, {"seconds", 600}};
	small["verify"] = "readback";
	child_process agent(run_command(m_dir, small));
	ASSERT_TRUE(agent.wait_for_text(": seeding", long_time)) << agent.err();
	seeder.reset();

	// the disk is right already, while it serves
	EXPECT_EQ(sgdisk_verdict(disk.path()), "clean");
	EXPECT_EQ(known_partitions(disk.path()).at(2).second, 399 * mib - root_offset);
	temp_dir const dir;
	auto large = job(equal.path(), port, nlohmann::json::object());
	large["verify"] = "readback";
	ASSERT_TRUE(exits_with(run_job(dir, large, long_time), exit_code::done));
	EXPECT_EQ(sgdisk_verdict(equal.path()), sgdisk_verdict(m_source));
	expect_file_system(file_system_kind::ext4, equal.path() + "p2", m_dir / "tree");
	agent.signal(SIGTERM);
	EXPECT_TRUE(exits_with(agent, exit_code::terminated, long_time));

	// and later as well, though the disk has another table
	loop_device const later(source_size, {.partition_scan = true});
	seeding_agent const shrunk(torrent(), disk.path(), {"--verify"});
	auto again = job(later.path(), shrunk.port(), nlohmann::json::object());
	ASSERT_TRUE(exits_with(run_job(dir, again, long_time), exit_code::done));
	EXPECT_EQ(sgdisk_verdict(later.path()), sgdisk_verdict(m_source));
	expect_right(disk, 399 * mib);
}

TEST_F(smaller_disks, are_right_after_a_job_that_was_stopped_and_begun_again)
{
	SKIP_WITHOUT_DISKS();
	make_source("gpt");
	fill_root();
	create();
	loop_device const disk(400 * mib, {.partition_scan = true});
	seeding_agent const seeder(torrent(), m_source);
	nlohmann::json const keys{{"shrink", true}, {"existing", "verify"}};
	auto slow = job(disk.path(), seeder.port(), keys);
	slow["swarm"]["download_limit"] = 4 * mib;
	child_process agent(run_command(m_dir, slow));
	ASSERT_TRUE(agent.wait_for_text(": downloading", 60s)) << agent.err();
	std::this_thread::sleep_for(1500ms);
	agent.signal(SIGKILL);
	agent.wait(10s);
	for (int i = 0; i < 2; ++i) // unfinished, and finished
	{
		ASSERT_TRUE(
			exits_with(run_job(m_dir, job(disk.path(), seeder.port(), keys), long_time), exit_code::done));
		expect_right(disk, 399 * mib);
	}
}

// One job for a room of all sizes.
TEST_F(smaller_disks, and_larger_ones_take_the_same_job)
{
	SKIP_WITHOUT_DISKS();
	make_source("gpt");
	fill_root();
	create();
	loop_device const small(400 * mib, {.partition_scan = true});
	loop_device const large(600 * mib, {.partition_scan = true});
	seeding_agent const seeder(torrent(), m_source);
	auto both = loopback_job({seeder.port()});
	for (auto const* const disk : {&small, &large})
	{
		auto target = image_target(torrent(), disk->path());
		target.update({{"shrink", true}, {"grow", "last"}, {"unique", true}});
		both["targets"].push_back(target);
	}
	ASSERT_TRUE(exits_with(run_job(m_dir, both, long_time), exit_code::done));
	expect_right(small, 399 * mib);
	expect_right(large, 599 * mib);
	EXPECT_NE(read_partition_table(small.path()).value()->id, read_partition_table(m_source).value()->id);
	for (auto const* const disk : {&small, &large})
	{
		scoped_mount const mounted(disk->path() + "p2", "ext4");
		EXPECT_GT(std::filesystem::space(mounted.path()).capacity, 305 * mib) << disk->path();
	}
}

} // namespace rawswarm::test
