// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm create --map`: an image has what file systems have in use, and becomes the same files elsewhere.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/machine/file_system.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t device_size = 320 * mib; // the smallest that mkfs.xfs makes is 300

nlohmann::json create_map(std::string const& source, std::string const& torrent, std::string const& map,
	std::vector<std::string> const& more = {})
{
	std::vector<std::string> arguments{"create", source, "-o", torrent, "--map", map, "--json"};
	arguments.insert(arguments.end(), more.begin(), more.end());
	auto const made = run_rawswarm(arguments, std::chrono::seconds(60));
	EXPECT_TRUE(exits_with(made, exit_code::done));
	return made.exit_code == 0 ? nlohmann::json::parse(made.out) : nlohmann::json();
}

void expect_create_refused(std::vector<std::string> const& arguments, int const code, std::string const& text)
{
	auto const made = run_rawswarm(arguments);
	EXPECT_TRUE(exits_with(made, code));
	EXPECT_NE(made.err.find(text), std::string::npos) << made.err;
	EXPECT_FALSE(fs::exists(arguments.at(3)));
}

// The target held other bytes before.
void image_to(std::string const& torrent, std::string const& source, std::string const& target)
{
	fill_with_pattern(target, size_of(target));
	seeding_agent const seeder(torrent, source);
	temp_dir const dir;
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(torrent, target));
	ASSERT_TRUE(exits_with(run_job(dir, job, std::chrono::seconds(60)), exit_code::done));
}

// Bytes that partclone says are in use, from its map.
std::uint64_t bytes_by_partclone(file_system_kind const kind, std::string const& device, temp_dir const& dir)
{
	run_checked(
		{"partclone." + name_of(kind), "-D", "-q", "-s", device, "-O", dir / "map", "-L", dir / "log"});
	std::ifstream map(dir / "map");
	std::uint64_t used = 0;
	for (std::string offset, size, status; map;)
	{
		std::string line;
		std::getline(map, line);
		std::istringstream words(line);
		if (words >> offset >> size >> status && status == "+")
		{
			used += std::stoull(size, nullptr, 16);
		}
	}
	return used;
}

class every_file_system : public ::testing::TestWithParam<file_system_kind>
{};

std::string name_of_param(::testing::TestParamInfo<file_system_kind> const& info)
{
	return name_of(info.param);
}

} // namespace

TEST_P(every_file_system, becomes_the_same_files_from_the_blocks_that_it_has_in_use)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	if (auto const why = why_no_file_system(GetParam()); !why.empty())
	{
		GTEST_SKIP() << why;
	}
	temp_dir const dir;
	make_tree(dir / "tree");
	loop_device const source(device_size);
	make_file_system(GetParam(), source.path(), dir / "tree");

	auto const made = create_map(source.path(), dir / "disk.torrent", "auto");

	ASSERT_EQ(made["parts"].size(), 1U) << made;
	EXPECT_EQ(made["parts"][0]["content"], name_of(GetParam()));
	auto const means =
		GetParam() == file_system_kind::ext4 ? "its own bitmap" : "partclone." + name_of(GetParam());
	EXPECT_EQ(made["parts"][0]["means"], means);
	auto const used = bytes_by_partclone(GetParam(), source.path(), dir);
	auto const bytes = made["bytes"].get<std::uint64_t>();
	EXPECT_GE(bytes, used);
	EXPECT_LE(bytes, used + used / 10 + 4 * mib) << "gaps below 64 KiB are joined";
	EXPECT_LT(bytes, device_size / 2) << "what was deleted is left out";
	loop_device const target(device_size);
	image_to(dir / "disk.torrent", source.path(), target.path());
	expect_file_system(GetParam(), target.path(), dir / "tree");
}

INSTANTIATE_TEST_SUITE_P(used_blocks, every_file_system,
	::testing::Values(file_system_kind::ext4, file_system_kind::xfs, file_system_kind::btrfs,
		file_system_kind::fat32, file_system_kind::exfat, file_system_kind::ntfs),
	name_of_param);

namespace
{

// An image file with partitions: FAT32, ext4, swap, a physical volume of LVM, bytes that nobody knows.
class partitioned_source
{
public:
	static constexpr std::uint64_t size = 640 * mib;

	explicit partitioned_source(temp_dir const& dir)
		: path(dir / "disk.img")
		, tree(dir / "tree")
	{
		make_tree(tree);
		write_sparse_file(path, size);
		run_sfdisk(path,
			"label: gpt\n"
			"start=2048, size=245760, type=uefi\n"
			"size=409600, type=linux\n"
			"size=131072, type=swap\n"
			"size=131072, type=lvm\n"
			"size=20480, type=linux\n");
		write_at(path, 100 * 512, "a boot loader before the first partition");
		with_partition(1,
			[this](std::string const& device) { make_file_system(file_system_kind::fat32, device, tree); });
		with_partition(
			2, [this](std::string const& device) { make_file_system(file_system_kind::ext4, device, tree); });
		with_partition(3, [](std::string const& device) {
			run_checked({"mkswap", device});
			write_at(device, 10 * mib, random_bytes(1, mib)); // swapped out by the golden machine
		});
		with_partition(4, [](std::string const& device) {
			run_checked({"pvcreate", "-q", "--config", "devices{use_devicesfile=0}", device});
			write_at(device, 30 * mib, random_bytes(2, mib));
		});
		with_partition(5, [](std::string const& device) { write_at(device, 5 * mib, random_bytes(3, mib)); });
	}

	template <class F>
	void with_partition(int const number, F const& use) const
	{
		with_partition_of(path, number, use);
	}

	template <class F>
	static void with_partition_of(std::string const& disk, int const number, F const& use)
	{
		auto const table = read_partition_table(disk).value().value();
		auto const& p = table.partitions.at(static_cast<std::size_t>(number - 1));
		auto const device = run_checked({"losetup", "--find", "--show", "--offset", std::to_string(p.offset),
			"--sizelimit", std::to_string(p.length), disk});
		use(device);
		run_checked({"losetup", "--detach", device});
	}

	std::string path;
	std::string tree;
};

} // namespace

TEST(used_blocks, of_a_whole_disk_are_those_of_its_partitions_and_what_lies_outside)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("pvcreate");
	SKIP_WITHOUT("mcopy");
	temp_dir const dir;
	partitioned_source const source(dir);

	auto const made = create_map(source.path, dir / "disk.torrent", "auto");

	std::vector<std::string> means;
	for (auto const& part : made["parts"])
	{
		means.push_back(part["name"].get<std::string>() + ": " + part["content"].get<std::string>() + ", "
			+ part["means"].get<std::string>());
	}
	EXPECT_EQ(means,
		(std::vector<std::string>{"outside of partitions: , what is not zero",
			"partition 1: vfat, partclone.vfat", "partition 2: ext4, its own bitmap",
			"partition 3: swap, its header alone", "partition 4: LVM2_member, what is not zero",
			"partition 5: , what is not zero"}));
	EXPECT_LT(made["bytes"].get<std::uint64_t>(), 60 * mib) << made;
	EXPECT_EQ(made["parts"][3]["bytes"], 64 * 1024);

	auto const target = dir / "target.img";
	write_sparse_file(target, partitioned_source::size);
	image_to(dir / "disk.torrent", source.path, target);

	EXPECT_TRUE(exits_with(
		run_rawswarm({"verify", "--torrent", dir / "disk.torrent", "--device", target}), exit_code::done));
	EXPECT_EQ(sgdisk_verdict(target), sgdisk_verdict(source.path));
	EXPECT_EQ(read_at(target, 100 * 512, 40), "a boot loader before the first partition");
	partitioned_source::with_partition_of(target, 1,
		[&](std::string const& device) { expect_file_system(file_system_kind::fat32, device, source.tree); });
	partitioned_source::with_partition_of(target, 2,
		[&](std::string const& device) { expect_file_system(file_system_kind::ext4, device, source.tree); });
	for (int const unmapped : {4, 5})
	{
		auto const table = read_partition_table(source.path).value().value();
		auto const& p = table.partitions.at(static_cast<std::size_t>(unmapped - 1));
		EXPECT_TRUE(read_at(target, p.offset, p.length) == read_at(source.path, p.offset, p.length))
			<< "zeros of what nobody knows are written: partition " << unmapped;
	}
}

TEST(used_blocks, of_a_file_system_that_was_not_unmounted_are_refused_unless_asked_for)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	temp_dir const dir;
	make_tree(dir / "tree");
	loop_device const source(64 * mib);
	run_checked({"mkfs.ext4", "-q", source.path()});
	{
		scoped_mount const mounted(source.path(), "ext4");
		write_file(mounted / "file", "x");
		run_checked({"sync", "-f", mounted.path()});
		run_checked(
			{"cp", "--sparse=always", source.path(), dir / "pulled.img"}); // as if its plug were pulled
	}
	expect_create_refused({"create", dir / "pulled.img", "-o", dir / "disk.torrent", "--map", "auto"},
		exit_code::target, "the whole source (ext4): its journal is still to be replayed");

	auto const made = create_map(dir / "pulled.img", dir / "disk.torrent", "auto", {"--allow-unclean"});

	EXPECT_EQ(made["parts"][0]["means"], "what is not zero (its journal is still to be replayed)");
}

TEST(used_blocks, of_a_hibernated_windows_are_refused)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	if (auto const why = why_no_file_system(file_system_kind::ntfs); !why.empty())
	{
		GTEST_SKIP() << why;
	}
	temp_dir const dir;
	loop_device const source(64 * mib);
	run_checked({"mkfs.ntfs", "-q", "-F", "-f", source.path()});
	{
		temp_dir const folder;
		run_checked({"ntfs-3g", source.path(), folder.path().string()});
		std::string hibernation(4096, '\0');
		hibernation.replace(0, 4, "hibr");
		write_file(folder / "hiberfil.sys", hibernation);
		run_checked({"umount", folder.path().string()});
	}
	expect_create_refused({"create", source.path(), "-o", dir / "disk.torrent", "--map", "auto"},
		exit_code::target, "the whole source (ntfs): it holds a Windows that is hibernated");
}

TEST(used_blocks, of_partclones_torrent_info_are_taken_as_it_says)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("partclone.ext4");
	temp_dir const dir;
	make_tree(dir / "tree");
	loop_device const source(device_size);
	make_file_system(file_system_kind::ext4, source.path(), dir / "tree");
	fs::create_directory(dir / "image");
	run_checked({"partclone.ext4", "--clone", "--btfiles", "--source", source.path(), "--overwrite",
		dir / "image/", "--logfile", dir / "log"});

	auto const made =
		create_map(source.path(), dir / "disk.torrent", "partclone:" + (dir / "image/torrent.info"));

	EXPECT_LT(made["bytes"].get<std::uint64_t>(), 60 * mib);
	loop_device const target(device_size);
	image_to(dir / "disk.torrent", source.path(), target.path());
	expect_file_system(file_system_kind::ext4, target.path(), dir / "tree");
}

TEST(used_blocks, of_a_bmap_are_taken_and_compared_with_its_checksums)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("bmaptool");
	temp_dir const dir;
	make_tree(dir / "tree");
	write_sparse_file(dir / "disk.img", device_size);
	{
		loop_device const source(dir / "disk.img");
		make_file_system(file_system_kind::ext4, source.path(), dir / "tree");
		run_checked({"fallocate", "--dig-holes", dir / "disk.img"});
	}
	run_checked({"bmaptool", "create", "-o", dir / "disk.bmap", dir / "disk.img"});

	create_map(dir / "disk.img", dir / "disk.torrent", "bmap:" + (dir / "disk.bmap"));

	loop_device const target(device_size);
	image_to(dir / "disk.torrent", dir / "disk.img", target.path());
	expect_file_system(file_system_kind::ext4, target.path(), dir / "tree");

	run_checked({"cp", "--sparse=always", dir / "disk.img", dir / "longer.img"});
	fs::resize_file(dir / "longer.img", device_size + 512);
	expect_create_refused(
		{"create", dir / "longer.img", "-o", dir / "other.torrent", "--map", "bmap:" + (dir / "disk.bmap")},
		exit_code::target, "it has 335544832 bytes, and");

	auto const first = read_at(dir / "disk.img", 2048, 1);
	write_at(dir / "disk.img", 2048, first == "x" ? "y" : "x");
	expect_create_refused(
		{"create", dir / "disk.img", "-o", dir / "other.torrent", "--map", "bmap:" + (dir / "disk.bmap")},
		exit_code::verification, "at 0x0: the checksum of");
}

} // namespace rawswarm::test
