// SPDX-License-Identifier: BSD-3-Clause
// What a job does once its images are on their disks: partitions and file systems grow, programs run.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/machine/file_system.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1024 * 1024;

// A job that puts a small image on an image file.
class finishing : public ::testing::Test
{
protected:
	finishing()
		: m_image(prepared_image({torrent_file{0, random_bytes(1, mib)}}))
		, m_seeder(m_image.torrent_path, m_image.source_path)
		, m_job(loopback_job({m_seeder.port()}))
	{
		write_sparse_file(m_dir / "target.img", mib);
		m_job["targets"].push_back(image_target(m_image.torrent_path, m_dir / "target.img"));
	}

	void add_step(std::string const& script, int const timeout = 20)
	{
		m_job["after"].push_back({{"exec", {"sh", "-c", script}}, {"timeout_seconds", timeout}});
	}

	temp_dir m_dir;
	prepared_image m_image;
	seeding_agent m_seeder;
	nlohmann::json m_job;
};

} // namespace

TEST_F(finishing, programs_run_one_behind_the_other_once_the_image_is_whole)
{
	m_job["name"] = "lab-3";
	auto const log = m_dir / "steps";
	add_step("sha1sum < \"$RAWSWARM_DEVICE\" > " + log);
	add_step("echo \"$RAWSWARM_JOB $RAWSWARM_DEVICES\" >> " + log + "; echo said to the log");
	auto const result = run_job(m_dir, m_job);
	ASSERT_TRUE(exits_with(result, exit_code::done));
	auto const sum = run_checked({"sh", "-c", "head -c 1048576 \"$0\" | sha1sum", m_image.source_path});
	EXPECT_EQ(read_file(log), sum + "\nlab-3 " + (m_dir / "target.img") + "\n");
	EXPECT_NE(result.err.find("sh: said to the log"), std::string::npos) << result.err;
}

TEST_F(finishing, program_that_fails_is_the_failure_of_the_job_and_the_last)
{
	add_step("echo no such asset >&2; exit 3");
	add_step("touch " + (m_dir / "second"));
	auto const result = run_job(m_dir, m_job);
	EXPECT_TRUE(exits_with(result, exit_code::internal));
	EXPECT_NE(result.err.find("running sh: exit code 3: no such asset"), std::string::npos) << result.err;
	EXPECT_FALSE(fs::exists(m_dir / "second"));
}

TEST_F(finishing, program_that_does_not_end_is_ended_with_all_that_it_started)
{
	add_step("sleep 600 & echo $! > " + (m_dir / "child") + "; wait", 1);
	auto const started = std::chrono::steady_clock::now();
	auto const result = run_job(m_dir, m_job);
	EXPECT_TRUE(exits_with(result, exit_code::internal));
	EXPECT_NE(result.err.find("running sh: it had not ended after 1 seconds"), std::string::npos)
		<< result.err;
	EXPECT_LT(std::chrono::steady_clock::now() - started, 20s);
	auto const child = std::stoi(read_file(m_dir / "child"));
	EXPECT_FALSE(fs::exists("/proc/" + std::to_string(child) + "/fd/0")) << "it is gone, or a zombie";
}

TEST_F(finishing, program_that_does_not_exist_is_refused_before_the_first_byte)
{
	m_job["after"] = {{{"exec", {"/no/such/program"}}}};
	auto const before = read_file(m_dir / "target.img");
	auto const result = run_job(m_dir, m_job);
	EXPECT_TRUE(exits_with(result, exit_code::refused));
	EXPECT_NE(result.err.find("running /no/such/program: there is no such program"), std::string::npos)
		<< result.err;
	EXPECT_EQ(read_file(m_dir / "target.img"), before);
}

TEST_F(finishing, signal_ends_the_program_that_runs)
{
	add_step("touch " + (m_dir / "runs") + "; sleep 600", 700);
	child_process agent(run_command(m_dir, m_job));
	auto const deadline = std::chrono::steady_clock::now() + 20s;
	while (!fs::exists(m_dir / "runs") && std::chrono::steady_clock::now() < deadline)
	{
		std::this_thread::sleep_for(20ms);
	}
	agent.signal(SIGTERM);
	EXPECT_TRUE(exits_with(agent, 128 + SIGTERM));
}

TEST_F(finishing, beacons_tell_it_and_are_done_only_after_it)
{
	beacon_listener const listener;
	m_job["beacon"] = {{"to", {listener.address()}}, {"interval_ms", 100}};
	add_step("sleep 2");
	child_process agent(run_command(m_dir, m_job));
	EXPECT_TRUE(listener.wait_for_state("finishing", 20s));
	EXPECT_TRUE(agent.running());
	EXPECT_TRUE(listener.wait_for_state("done", 20s));
	EXPECT_TRUE(exits_with(agent, exit_code::done));
}

namespace
{

// A whole-disk image with two partitions of which the second is a file system, put on a larger disk.
nlohmann::json image_onto_larger(temp_dir const& dir, std::string const& source, std::string const& disk,
	nlohmann::json const& grow, std::string const& type)
{
	EXPECT_TRUE(exits_with(
		run_rawswarm({"create", source, "-o", dir / "disk.torrent", "--skip-zeros"}, 60s), exit_code::done));
	seeding_agent const seeder(dir / "disk.torrent", source);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(dir / "disk.torrent", disk));
	job["targets"][0]["grow"] = grow;
	auto command = run_command(dir, job);
	command.argv.emplace_back("--json");
	auto const result = run(command);
	EXPECT_TRUE(exits_with(result, exit_code::done)) << type;
	return nlohmann::json::parse(result.out)["targets"][0].value("notes", nlohmann::json::array());
}

class growing_file_system : public ::testing::TestWithParam<file_system_kind>
{};

} // namespace

TEST_P(growing_file_system, takes_the_space_of_a_larger_disk)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	if (auto const why = why_no_file_system(GetParam()); !why.empty())
	{
		GTEST_SKIP() << why;
	}
	constexpr std::uint64_t partition = 320 * mib;
	temp_dir const dir;
	make_tree(dir / "tree");
	auto const source = dir / "source.img";
	write_sparse_file(source, partition + 12 * mib);
	run_sfdisk(source, "label: gpt\nsize=8M, type=uefi\nsize=320M, type=linux\n");
	auto const table = read_partition_table(source).value().value();
	{
		auto const device = run_checked({"losetup", "--find", "--show", "--offset",
			std::to_string(table.partitions.at(1).offset), "--sizelimit", std::to_string(partition), source});
		make_file_system(GetParam(), device, dir / "tree");
		run_checked({"losetup", "--detach", device});
	}
	loop_device const disk(700 * mib, {.partition_scan = true});

	auto const notes = image_onto_larger(dir, source, disk.path(), "last", name_of(GetParam()));

	EXPECT_EQ(sgdisk_verdict(disk.path()), sgdisk_verdict(source));
	auto const grown = read_partition_table(disk.path()).value().value();
	ASSERT_EQ(grown.partitions.size(), 2U);
	EXPECT_EQ(grown.partitions[0], table.partitions[0]);
	EXPECT_EQ(grown.partitions[1].uuid, table.partitions[1].uuid);
	EXPECT_EQ(grown.partitions[1].offset, table.partitions[1].offset);
	EXPECT_GT(grown.partitions[1].length, 685 * mib);
	auto const known = known_partitions(disk.path());
	ASSERT_EQ(known.count(2), 1U);
	EXPECT_EQ(known.at(2).second, grown.partitions[1].length) << "the kernel shows it";
	ASSERT_EQ(notes.size(), 2U) << notes;
	EXPECT_NE(notes[0].get<std::string>().find("partition 2 has grown from 320.0 MiB to "), std::string::npos)
		<< notes;
	auto const node = disk.path() + "p2";
	EXPECT_EQ(notes[1], "the " + name_of(GetParam()) + " of " + node + " takes all of it");
	if (GetParam() != file_system_kind::ntfs)
	{
		scoped_mount const mounted(node, name_of(GetParam()));
		EXPECT_GT(fs::space(mounted.path()).capacity, 600 * mib);
	}
	expect_file_system(GetParam(), node, dir / "tree");
}

INSTANTIATE_TEST_SUITE_P(finishing, growing_file_system,
	::testing::Values(file_system_kind::ext4, file_system_kind::xfs, file_system_kind::btrfs),
	[](auto const& instance) { return name_of(instance.param); });

TEST(growing, is_refused_where_there_is_no_disk_and_before_the_first_byte)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	temp_dir const dir;
	prepared_image const image({torrent_file{0, random_bytes(1, mib)}});
	auto job = loopback_job({});
	job["targets"].push_back(image_target(image.torrent_path, dir.path().string()));
	job["targets"][0]["grow"] = "last";
	auto const result = run_job(dir, job);
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("no whole disk whose partitions could grow"), std::string::npos) << result.err;
}

TEST(growing, a_partition_that_the_image_does_not_have_is_an_error_that_names_it)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	temp_dir const dir;
	auto const source = dir / "source.img";
	write_sparse_file(source, 8 * mib);
	run_sfdisk(source, "label: dos\nsize=2M\nsize=2M\n");
	ASSERT_TRUE(exits_with(run_rawswarm({"create", source, "-o", dir / "disk.torrent"}), exit_code::done));
	seeding_agent const seeder(dir / "disk.torrent", source);
	loop_device const disk(16 * mib);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(dir / "disk.torrent", disk.path()));
	job["targets"][0]["grow"] = {{"partition", 7}};
	auto const result = run_job(dir, job);
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("there is no partition 7 that could grow"), std::string::npos) << result.err;

	job["targets"][0]["grow"] = {{"partition", 1}};
	EXPECT_TRUE(exits_with(run_job(dir, job), exit_code::done));
	auto const table = read_partition_table(disk.path()).value().value();
	EXPECT_EQ(table.partitions.at(0).length, 2 * mib) << "the next one begins right behind it";
	job["targets"][0]["grow"] = {{"partition", 2}};
	EXPECT_TRUE(exits_with(run_job(dir, job), exit_code::done));
	auto const grown = read_partition_table(disk.path()).value().value();
	EXPECT_EQ(grown.partitions.at(1).length, 16 * mib - grown.partitions.at(1).offset);
	EXPECT_EQ(grown.id, table.id);
}

namespace
{

// A disk with an ext4 whose fstab is this, put on a device that already has its size.
class unique_disk
{
public:
	unique_disk(std::string const& label, std::string const& fstab)
		: m_source(m_dir / "source.img")
		, disk(24 * mib, {.partition_scan = true})
	{
		write_sparse_file(m_source, 24 * mib);
		run_sfdisk(m_source,
			"label: " + label + "\nstart=2048, size=32768, type=" + (label == "gpt" ? "linux" : "83") + "\n");
		source = read_partition_table(m_source).value().value();
		write_file(m_dir / "root/etc/fstab",
			fstab == "its own" ? "PARTUUID=" + source.partitions[0].uuid + " / ext4\n" : fstab);
		run_checked({"mkfs.ext4", "-q", "-F", "-d", m_dir / "root", "-E", "offset=1048576", m_source, "16M"});
	}

	run_result image(nlohmann::json const& unique)
	{
		EXPECT_TRUE(
			exits_with(run_rawswarm({"create", m_source, "-o", m_dir / "disk.torrent"}), exit_code::done));
		seeding_agent const seeder(m_dir / "disk.torrent", m_source);
		auto job = loopback_job({seeder.port()});
		job["targets"].push_back(image_target(m_dir / "disk.torrent", disk.path()));
		job["targets"][0]["unique"] = unique;
		return run_job(m_dir, job);
	}

	partition_table table() const { return read_partition_table(disk.path()).value().value(); }

	partition_table source;

private:
	temp_dir m_dir;
	std::string m_source;

public:
	loop_device disk;
};

} // namespace

TEST(unique_disks, have_identifiers_of_their_own_and_are_else_the_same)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	for (auto const* const label : {"gpt", "dos"})
	{
		unique_disk d(label, "UUID=8d6f7b3e / ext4\n");
		ASSERT_TRUE(exits_with(d.image(true), exit_code::done)) << label;
		auto now = d.table();
		EXPECT_NE(now.id, d.source.id) << label;
		EXPECT_NE(now.partitions[0].uuid, d.source.partitions[0].uuid) << label;
		now.id = d.source.id;
		now.partitions[0].uuid = d.source.partitions[0].uuid;
		EXPECT_EQ(now, d.source) << label;
		EXPECT_EQ(known_partitions(d.disk.path()).size(), 1U);
		scoped_mount const mounted(d.disk.path() + "p1", "ext4");
		EXPECT_EQ(read_file(mounted / "etc/fstab"), "UUID=8d6f7b3e / ext4\n");
	}
}

TEST(unique_disks, keep_what_their_fstab_names_unless_told)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	unique_disk d("gpt", "its own");
	auto const refused = d.image(true);
	EXPECT_TRUE(exits_with(refused, exit_code::target));
	EXPECT_NE(
		refused.err.find("/etc/fstab on partition 1 names " + d.source.partitions[0].uuid), std::string::npos)
		<< refused.err;
	EXPECT_EQ(d.table(), d.source);
	EXPECT_TRUE(exits_with(d.image("anyway"), exit_code::done));
	EXPECT_NE(d.table().partitions[0].uuid, d.source.partitions[0].uuid);
}

namespace
{

// A partition of a disk with an ext4 that has some files, put on a device.
class landing_place
{
public:
	landing_place()
		: m_source(m_dir / "source.img")
		, disk(24 * mib, {.partition_scan = true})
	{
		write_sparse_file(m_source, 24 * mib);
		run_sfdisk(m_source, "label: gpt\nstart=2048, size=32768\n");
		write_file(m_dir / "root/etc/hostname", "golden\n");
		fs::permissions(m_dir / "root/etc/hostname", fs::perms(0640));
		write_file(m_dir / "root/etc/ssh/ssh_host_rsa_key", "secret");
		write_file(m_dir / "root/etc/ssh/ssh_host_rsa_key.pub", "public");
		write_file(m_dir / "root/etc/ssh/sshd_config", "config");
		write_file(m_dir / "outside", "untouched");
		fs::create_symlink(m_dir / "outside", m_dir / "root/etc/machine-id");
		fs::create_symlink("/../../../../../../../.." + m_dir.path().string(), m_dir / "root/out");
		run_checked({"mkfs.ext4", "-q", "-F", "-d", m_dir / "root", "-E", "offset=1048576", m_source, "16M"});
	}

	run_result image(nlohmann::json const& files)
	{
		EXPECT_TRUE(
			exits_with(run_rawswarm({"create", m_source, "-o", m_dir / "disk.torrent"}), exit_code::done));
		seeding_agent const seeder(m_dir / "disk.torrent", m_source);
		auto job = loopback_job({seeder.port()});
		job["targets"].push_back(image_target(m_dir / "disk.torrent", disk.path()));
		job["targets"][0]["files"] = files;
		return run_job(m_dir, job);
	}

	std::string outside() const { return read_file(m_dir / "outside"); }
	bool is_outside(std::string const& name) const { return fs::exists(m_dir / name); }

private:
	temp_dir m_dir;
	std::string m_source;

public:
	loop_device disk;
};

int mode_of(std::string const& path)
{
	return static_cast<int>(fs::status(path).permissions());
}

} // namespace

TEST(landed_files, are_put_and_removed_inside_the_file_system_alone)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	landing_place place;
	auto const result = place.image({{{"partition", 1}, {"path", "/etc/hostname"}, {"content", "pc-7\n"}},
		{{"partition", 1}, {"path", "/etc/machine-id"}, {"content", ""}},
		{{"partition", 1}, {"path", "/etc/ssh/ssh_host_*"}, {"remove", true}},
		{{"partition", 1}, {"path", "/nothing/here*"}, {"remove", true}},
		{{"partition", 1}, {"path", "/var/lib/cloud/seed/nocloud/meta-data"}, {"content", "line\nline\n"},
			{"mode", "0600"}},
		{{"partition", 1}, {"path", "/out/escaped"}, {"content", "x"}}});
	EXPECT_TRUE(exits_with(result, exit_code::device)) << "its last file is behind a link to nowhere";
	EXPECT_NE(result.err.find("putting /out/escaped on partition 1 of "), std::string::npos) << result.err;
	EXPECT_FALSE(place.is_outside("escaped"));
	EXPECT_EQ(place.outside(), "untouched");
	scoped_mount const mounted(place.disk.path() + "p1", "ext4");
	EXPECT_EQ(read_file(mounted / "etc/hostname"), "pc-7\n");
	EXPECT_EQ(mode_of(mounted / "etc/hostname"), 0640);
	EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(mounted / "etc/machine-id")));
	EXPECT_EQ(fs::file_size(mounted / "etc/machine-id"), 0U);
	EXPECT_FALSE(fs::exists(mounted / "etc/ssh/ssh_host_rsa_key"));
	EXPECT_FALSE(fs::exists(mounted / "etc/ssh/ssh_host_rsa_key.pub"));
	EXPECT_TRUE(fs::exists(mounted / "etc/ssh/sshd_config"));
	EXPECT_EQ(read_file(mounted / "var/lib/cloud/seed/nocloud/meta-data"), "line\nline\n");
	EXPECT_EQ(mode_of(mounted / "var/lib/cloud/seed/nocloud/meta-data"), 0600);
	EXPECT_FALSE(fs::exists(mounted / "etc/.rawswarm-new"));
}

TEST(landed_files, are_refused_before_the_first_byte_where_nothing_could_be_mounted)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	temp_dir const dir;
	prepared_image const image(std::vector{torrent_file{0, random_bytes(1, mib)}});
	write_sparse_file(dir / "target.img", mib);
	auto job = loopback_job({});
	job["targets"].push_back(image_target(image.torrent_path, dir / "target.img"));
	job["targets"][0]["files"] = {{{"path", "/etc/hostname"}, {"content", "x"}}};
	auto const result = run_job(dir, job);
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("no block device, and files are put into"), std::string::npos) << result.err;
}

TEST(landed_files, need_the_partition_that_they_name)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	landing_place place;
	auto const result = place.image({{{"partition", 3}, {"path", "/etc/hostname"}, {"content", "x"}}});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("it has no partition 3"), std::string::npos) << result.err;
}

} // namespace rawswarm::test
