// SPDX-License-Identifier: BSD-3-Clause
// Small images that a job fetches and writes as they are, beside the images of its torrents.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/network/nginx_server.hpp"
#include "tests/support/program/disk_imaging.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1024 * 1024;

constexpr char const* user_data = "#cloud-config\nhostname: pc-7\n";

std::string blkid(std::string const& device, std::string const& tag)
{
	return run({"blkid", "-p", "-o", "value", "-s", tag, device}).out;
}

// A cloud-init volume on a web server, and a disk with a partition for it.
class volumes : public ::testing::Test
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT_LOOP_DEVICES();
		SKIP_WITHOUT_NGINX();
		for (auto const* const tool : {"mkfs.vfat", "mcopy", "mkfs.ext4", "sfdisk", "blkid"})
		{
			SKIP_WITHOUT(tool);
		}
		write_file(m_dir / "user-data", user_data);
		fs::create_directory(m_web);
		run_checked({"mkfs.vfat", "-C", "-n", "CIDATA", m_web + "/seed.img", "1024"});
		run_checked({"mcopy", "-i", m_web + "/seed.img", m_dir / "user-data", "::user-data"});
		m_server = std::make_unique<nginx_server>(m_web);
	}

	std::string hash() const { return device_snapshot(m_web + "/seed.img").sha256; }

	nlohmann::json volume(nlohmann::json const& device) const
	{
		return {{"url", m_server->url("seed.img")}, {"sha256", hash()}, {"device", device}};
	}

	// The image of a disk with an ext4 and an empty partition of so many sectors.
	std::string disk_image(int const sectors) const
	{
		auto source = m_dir / "source.img";
		write_sparse_file(source, 24 * mib);
		run_sfdisk(source,
			"label: gpt\nstart=2048, size=32768, name=root\nstart=34816, size=" + std::to_string(sectors)
				+ ", name=cidata\n");
		run_checked({"mkfs.ext4", "-q", "-F", "-E", "offset=1048576", source, "16M"});
		return source;
	}

	run_result image(std::string const& disk, std::vector<nlohmann::json> const& list,
		nlohmann::json const& keys = nlohmann::json::object()) const
	{
		return image_disk(m_dir, disk_image(4096), disk, keys, {{"volumes", list}});
	}

	// A job with an image file as its target, which is imaged unless the job is refused.
	nlohmann::json job(std::vector<nlohmann::json> const& list)
	{
		if (!m_small)
		{
			m_small = std::make_unique<prepared_image>(std::vector{torrent_file{0, random_bytes(1, mib)}});
			m_seeder = std::make_unique<seeding_agent>(m_small->torrent_path, m_small->source_path);
			write_sparse_file(target(), mib);
		}
		auto made = loopback_job({m_seeder->port()});
		made["targets"].push_back(image_target(m_small->torrent_path, target()));
		made["volumes"] = list;
		return made;
	}

	std::string target() const { return m_dir / "target.img"; }

	// Neither the target nor the device of the volume is touched.
	void expect_refused(
		nlohmann::json const& job, std::string const& device, int const code, std::string const& reason)
	{
		device_snapshot const before(device);
		device_snapshot const target_before(target());
		auto const result = run_job(m_dir, job);
		EXPECT_TRUE(exits_with(result, code));
		EXPECT_NE(result.err.find(reason), std::string::npos) << result.err;
		EXPECT_EQ(device_snapshot(device), before);
		EXPECT_EQ(device_snapshot(target()), target_before);
	}

	::testing::AssertionResult is_on(std::string const& device) const
	{
		return read_at(device, 0, fs::file_size(m_web + "/seed.img")) == read_file(m_web + "/seed.img")
			? ::testing::AssertionSuccess()
			: ::testing::AssertionFailure() << device << " does not hold the volume";
	}

	temp_dir m_dir;
	std::string m_web = m_dir / "web";
	std::unique_ptr<nginx_server> m_server;
	std::unique_ptr<prepared_image> m_small;
	std::unique_ptr<seeding_agent> m_seeder;
};

// Keeps all that is written, with one bit flipped.
class flipped_bit final : public fuse_behaviour
{
public:
	flipped_bit() { cached = true; }

	void on_written(std::uint64_t const offset, std::span<char> const kept) override
	{
		constexpr std::uint64_t place = 300'000;
		if (offset <= place && place - offset < kept.size())
		{
			kept[place - offset] = static_cast<char>(kept[place - offset] ^ 0x10);
		}
	}
};

} // namespace

TEST_F(volumes, go_on_a_partition_that_the_image_brings_and_are_found_by_their_label)
{
	loop_device const disk(24 * mib, {.partition_scan = true});
	for (auto const& device : {nlohmann::json{{"partlabel", "cidata"}}, nlohmann::json(disk.path() + "p2"),
			 nlohmann::json{{"path", disk.path()}, {"partition", 2}}})
	{
		auto const result = image(disk.path(), {volume(device)});
		ASSERT_TRUE(exits_with(result, exit_code::done));
		auto const report = nlohmann::json::parse(result.out);
		EXPECT_EQ(report["volumes"],
			nlohmann::json({{{"device", disk.path() + "p2"}, {"url", m_server->url("seed.img")},
				{"sha256", hash()}, {"bytes", mib}, {"written", true}}}));
		EXPECT_TRUE(is_on(disk.path() + "p2"));
		EXPECT_EQ(blkid(disk.path() + "p2", "LABEL"), "CIDATA\n");
		EXPECT_EQ(run_checked({"mtype", "-i", disk.path() + "p2", "::user-data"}) + "\n", user_data);
		EXPECT_EQ(blkid(disk.path() + "p1", "TYPE"), "ext4\n");
	}
}

TEST_F(volumes, are_there_before_their_partition_grows_and_gets_files)
{
	run_checked({"mkfs.ext4", "-q", "-F", m_web + "/seed.img", "1M"});
	loop_device const disk(48 * mib, {.partition_scan = true});
	auto const result = image(disk.path(), {volume({{"partlabel", "cidata"}})},
		{{"grow", "last"}, {"unique", true},
			{"files", {{{"partition", 2}, {"path", "/meta-data"}, {"content", "instance-id: pc-7\n"}}}}});
	ASSERT_TRUE(exits_with(result, exit_code::done));
	scoped_mount const mounted(disk.path() + "p2", "ext4");
	EXPECT_GT(fs::space(mounted.path()).capacity, 20 * mib);
	EXPECT_EQ(read_file(mounted / "meta-data"), "instance-id: pc-7\n");
}

TEST_F(volumes, that_the_partition_of_the_image_has_no_room_for_fail_once_the_image_is_there)
{
	loop_device const disk(24 * mib, {.partition_scan = true});
	auto const result = image_disk(m_dir, disk_image(1024), disk.path(), nlohmann::json::object(),
		{{"volumes", std::vector{volume({{"partlabel", "cidata"}})}}});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("p2: the device has "), std::string::npos) << result.err;
	EXPECT_EQ(nlohmann::json::parse(result.out)["volumes"][0]["written"], false);
	EXPECT_EQ(blkid(disk.path() + "p1", "TYPE"), "ext4\n");
}

TEST_F(volumes, whose_partition_the_image_does_not_have_fail_although_the_disk_had_one_before)
{
	loop_device const disk(24 * mib, {.partition_scan = true});
	write_script(disk.path(), "label: gpt\nsize=4M, name=firmware\n");
	auto const result = image(disk.path(), {volume({{"path", disk.path()}, {"partlabel", "firmware"}})});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("partlabel firmware: none matches"), std::string::npos) << result.err;
}

TEST_F(volumes, two_of_them_on_one_partition_of_the_image_are_refused_before_either_is_written)
{
	loop_device const disk(24 * mib, {.partition_scan = true});
	auto const result = image(disk.path(), {volume({{"partlabel", "cidata"}}), volume({{"partition", 2}})});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("p2: another volume goes there"), std::string::npos) << result.err;
	EXPECT_EQ(blkid(disk.path() + "p2", "TYPE"), "");
}

TEST_F(volumes, go_on_a_partition_that_the_job_makes)
{
	loop_device const disk(24 * mib);
	auto made = job({volume({{"path", disk.path()}, {"partlabel", "cidata"}})});
	made["partition_tables"] = {
		{{"disk", disk.path()}, {"script", "label: gpt\nsize=2M, name=root\nsize=2M, name=cidata\n"}}};
	made["targets"][0]["device"] = {{"path", disk.path()}, {"partlabel", "root"}};
	ASSERT_TRUE(exits_with(run_job(m_dir, made), exit_code::done));
	EXPECT_TRUE(is_on(disk.path() + "p2"));

	made["partition_tables"][0]["script"] = "label: gpt\nsize=2M, name=root\nsize=512K, name=cidata\n";
	expect_refused(made, disk.path(), exit_code::target, "p2: the device has 524288 bytes");
}

TEST_F(volumes, leave_nothing_of_an_earlier_use_of_their_device)
{
	loop_device const disk(8 * mib);
	write_script(disk.path(), "label: gpt\nsize=2M\nsize=2M\n");
	ASSERT_TRUE(exits_with(run_job(m_dir, job({volume(disk.path())})), exit_code::done));
	EXPECT_TRUE(is_on(disk.path()));
	EXPECT_EQ(blkid(disk.path(), "PTTYPE"), "");
	EXPECT_EQ(blkid(disk.path(), "LABEL"), "CIDATA\n");
	EXPECT_TRUE(known_partitions(disk.path()).empty());
}

TEST_F(volumes, go_in_an_image_file_that_exists_alone)
{
	auto const file = m_dir / "volume.img";
	write_file(file, "short");
	ASSERT_TRUE(exits_with(run_job(m_dir, job({volume(file)})), exit_code::done));
	EXPECT_EQ(read_file(file), read_file(m_web + "/seed.img"));

	expect_refused(job({volume(m_dir / "none.img")}), file, exit_code::target,
		"opening " + m_dir / "none.img" + ": No such file or directory");
	expect_refused(
		job({volume(m_dir.path().string())}), file, exit_code::target, ": a folder, and a volume ");
	EXPECT_FALSE(fs::exists(m_dir / "none.img"));
}

TEST_F(volumes, with_another_hash_are_refused_before_a_byte_is_written_anywhere)
{
	loop_device const device(8 * mib);
	auto wrong = volume(device.path());
	wrong["sha256"] = std::string(64, 'a');
	expect_refused(job({wrong}), device.path(), exit_code::refused,
		"its SHA-256 is " + hash() + ", the job wants " + std::string(64, 'a'));
}

TEST_F(volumes, whose_server_is_gone_fail_the_job_before_a_byte_is_written_anywhere)
{
	loop_device const device(8 * mib);
	auto const made = job({volume(device.path())});
	auto missing = made;
	missing["volumes"][0]["url"] = m_server->url("none.img");
	expect_refused(missing, device.path(), exit_code::network, "the server answered 404 Not Found");
	m_server->kill();
	expect_refused(made, device.path(), exit_code::network,
		"getting the volume for " + device.path() + ": fetching " + m_server->url("seed.img"));
}

TEST_F(volumes, larger_together_than_memory_is_set_aside_for_are_refused)
{
	loop_device const device(8 * mib);
	write_sparse_file(m_web + "/large.img", 63 * mib + 1);
	auto large = volume(device.path());
	large["url"] = m_server->url("large.img");
	large["sha256"] = device_snapshot(m_web + "/large.img").sha256;
	expect_refused(job({large, volume(m_dir / "other.img")}), device.path(), exit_code::target,
		"the device has 8388608 bytes, the image needs 66060289");
	write_sparse_file(m_dir / "first.img", 1);
	large["device"] = m_dir / "first.img";
	expect_refused(
		job({large, volume(device.path())}), device.path(), exit_code::refused, "larger than 1048575 bytes");
}

TEST_F(volumes, are_guarded_as_targets_are_before_the_first_byte)
{
	loop_device const small(mib / 2);
	expect_refused(job({volume(small.path())}), small.path(), exit_code::target,
		"the device has 524288 bytes, the image needs 1048576");
	loop_device const read_only(8 * mib, {.read_only = true});
	expect_refused(job({volume(read_only.path())}), read_only.path(), exit_code::target, ": read-only");
	loop_device const mounted(8 * mib);
	run_checked({"mkfs.ext4", "-q", "-F", mounted.path()});
	scoped_mount const mount(mounted.path(), "ext4", {}, true);
	expect_refused(
		job({volume(mounted.path())}), mounted.path(), exit_code::target, ": mounted on " + mount.path());
}

TEST_F(volumes, on_the_device_of_a_target_or_twice_on_one_are_refused)
{
	loop_device const disk(8 * mib);
	write_script(disk.path(), "label: gpt\nsize=2M, name=a\nsize=2M, name=b\n");
	auto made = job({volume(disk.path() + "p1")});
	made["targets"][0]["device"] = {{"path", disk.path()}, {"partlabel", "a"}};
	expect_refused(made, disk.path(), exit_code::target, "another target is " + disk.path() + "p1, the same");
	made["volumes"][0]["device"] = disk.path();
	expect_refused(
		made, disk.path(), exit_code::target, "another target is " + disk.path() + "p1, a partition of it");
	made["volumes"] = {volume(disk.path() + "p2"), volume({{"path", disk.path()}, {"partlabel", "b"}})};
	expect_refused(made, disk.path(), exit_code::target, "another volume is " + disk.path() + "p2, the same");
}

TEST_F(volumes, of_a_job_that_only_serves_are_refused)
{
	loop_device const disk(8 * mib);
	auto serving = job({volume(disk.path())});
	serving["targets"][0]["role"] = "seed";
	serving["targets"][0]["device"] = m_small->source_path;
	expect_refused(
		serving, disk.path(), exit_code::refused, "they follow an image, and this job only serves");
}

TEST_F(volumes, that_their_device_does_not_keep_fail_the_job)
{
	if (!fuse_available())
	{
		GTEST_SKIP() << "no FUSE";
	}
	flipped_bit behaviour;
	fuse_disk const disk(4 * mib, behaviour);
	auto const result = run_job(m_dir, job({volume(disk.file())}));
	EXPECT_TRUE(exits_with(result, exit_code::verification));
	EXPECT_NE(
		result.err.find("verifying " + disk.file() + ": the volume differs at 0x493e0"), std::string::npos)
		<< result.err;
}

TEST_F(volumes, are_fetched_and_told_by_check_which_writes_nothing)
{
	loop_device const device(8 * mib);
	device_snapshot const before(device.path());
	write_file(m_dir / "job.json", job({volume(device.path())}).dump());
	auto const result = run_rawswarm({"check", "--json", m_dir / "job.json"});
	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_EQ(nlohmann::json::parse(result.out)["volumes"],
		nlohmann::json({{{"device", device.path()}, {"url", m_server->url("seed.img")}, {"sha256", hash()},
			{"bytes", mib}}}));
	auto const text = run_rawswarm({"check", m_dir / "job.json"}).out;
	EXPECT_NE(text.find("then write " + m_server->url("seed.img") + " onto " + device.path() + ": 1.0 MiB\n"),
		std::string::npos)
		<< text;
	EXPECT_EQ(device_snapshot(device.path()), before);
	m_server->kill();
	EXPECT_TRUE(exits_with(run_rawswarm({"check", m_dir / "job.json"}), exit_code::network));
}

} // namespace rawswarm::test
