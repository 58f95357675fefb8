// SPDX-License-Identifier: BSD-3-Clause
// What a device held before an image: nothing of it may be found beside the image afterwards.
#include "agent/machine/signatures.hpp"
#include "base/unique_fd.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include <fcntl.h>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;

template <class T>
void put(std::string& bytes, std::size_t const at, T const value)
{
	std::memcpy(bytes.data() + at, &value, sizeof value); // little-endian, as md is here
}

// The superblock of md, version 1.0: 8 KiB before the end, at a multiple of 4 KiB (md(4)).
void put_md_superblock(std::string const& device, std::uint64_t const begin, std::uint64_t const size)
{
	auto const sector = (size / 512 - 16) / 8 * 8;
	std::string block(256, '\0');
	put(block, 0, std::uint32_t(0xa92b4efc));
	put(block, 4, std::uint32_t(1));
	block.replace(16, 16, "0123456789abcdef");
	put(block, 64, std::uint32_t(1));
	put(block, 144, sector);
	std::uint64_t sum = 0;
	for (std::size_t i = 0; i < block.size(); i += 4)
	{
		std::uint32_t word = 0;
		std::memcpy(&word, block.data() + i, 4);
		sum += word;
	}
	put(block, 216, static_cast<std::uint32_t>((sum & 0xffffffff) + (sum >> 32)));
	write_at(device, begin + sector * 512, block);
}

// An ISO 9660 file system, as far as it is recognised.
void put_iso9660(std::string const& device)
{
	std::string descriptor(2048, '\0');
	descriptor.replace(0, 8,
		std::string("\x01"
					"CD001\x01\x00",
			8));
	write_at(device, 0x8000, descriptor);
}

std::vector<std::string> types_on(std::string const& device, std::uint64_t begin = 0, std::uint64_t size = 0)
{
	unique_fd const fd(::open(device.c_str(), O_RDONLY | O_CLOEXEC));
	std::vector<std::string> types;
	for (auto const& s : value_of(find_signatures(fd.get(), device, {begin}, size)).found)
	{
		types.push_back(s.type);
	}
	return types;
}

using texts = std::vector<std::string>;

// An image that begins with the device and leaves most of it out.
prepared_image small_image()
{
	return prepared_image(
		{{.offset = 0, .bytes = std::string(4096, 'i')}, {.offset = mib, .bytes = std::string(10'000, 'j')}});
}

void expect_nothing_found(std::string const& device)
{
	EXPECT_EQ(types_on(device), texts());
	auto const probed = run({"blkid", "-p", device});
	EXPECT_EQ(probed.exit_code, 2) << probed.out << probed.err; // nothing found
	EXPECT_EQ(run({"wipefs", "--noheadings", device}).out, "");
}

// Images the device, on which blkid finds this before.
void expect_wiped(loop_device const& device, std::string const& type)
{
	auto const before = types_on(device.path());
	ASSERT_TRUE(std::ranges::find(before, type) != before.end());
	prepared_image const image(
		{{.offset = 0, .bytes = std::string(512, 'i')}, {.offset = mib, .bytes = std::string(10'000, 'j')}});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, device.path()));
	job["verify"] = "readback";
	ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));
	expect_nothing_found(device.path());
}

// A pool, made by the daemon of ZFS on FUSE, which has its socket in a mount namespace of its own.
constexpr char const* make_pool = R"(
mkdir -p /var/run/zfs && mount -t tmpfs none /var/run/zfs || exit 1
zfs-fuse -n --no-kstat-mount &
daemon=$!
tries=0
until zpool create -f -o ashift=9 -m none rawswarm_test "$1"
do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || exit 1
	sleep 0.2
done
zpool export rawswarm_test || exit 1
kill $daemon
)";

// As in a pool that has been used for a while: each label has a ring of 128 uberblocks of 1 KiB behind its
// first 128 KiB (ZFS On-Disk Specification, 1.3).
void fill_rings(std::string const& device, std::uint64_t const size)
{
	constexpr std::uint64_t label = 256 * 1024;
	constexpr std::uint64_t slot = 1024;
	std::string const magic("\x0c\xb1\xba\x00\x00\x00\x00\x00", 8);
	auto const ring = read_at(device, label / 2, label / 2);
	std::size_t at = 0;
	while (at < ring.size() && ring.compare(at, magic.size(), magic) != 0)
	{
		at += slot;
	}
	ASSERT_LT(at, ring.size());
	std::string full;
	while (full.size() < ring.size())
	{
		full += ring.substr(at, slot);
	}
	for (auto const begin : {std::uint64_t(0), label, size - 2 * label, size - label})
	{
		write_at(device, begin + label / 2, full);
	}
}

} // namespace

#define SKIP_WITHOUT_PROBES() \
	SKIP_WITHOUT_LOOP_DEVICES(); \
	SKIP_WITHOUT("blkid"); \
	SKIP_WITHOUT("wipefs")

TEST(old_signatures, nothing_is_found_of_btrfs)
{
	SKIP_WITHOUT_PROBES();
	SKIP_WITHOUT("mkfs.btrfs");
	loop_device const device(128 * mib);
	run_checked({"mkfs.btrfs", "-q", "-f", device.path()});
	expect_wiped(device, "btrfs");
}

TEST(old_signatures, nothing_is_found_of_lvm)
{
	SKIP_WITHOUT_PROBES();
	SKIP_WITHOUT("pvcreate");
	loop_device const device(128 * mib);
	run_checked({"pvcreate", "-ff", "-y", "--config",
		"devices{use_devicesfile=0} activation{udev_sync=0 udev_rules=0 monitoring=0}", device.path()});
	expect_wiped(device, "LVM2_member");
}

TEST(old_signatures, nothing_is_found_of_md)
{
	SKIP_WITHOUT_PROBES();
	loop_device const device(8 * mib);
	put_md_superblock(device.path(), 0, 8 * mib);
	expect_wiped(device, "linux_raid_member");
}

TEST(old_signatures, nothing_is_found_of_zfs_whose_labels_are_full)
{
	SKIP_WITHOUT_PROBES();
	SKIP_WITHOUT("zfs-fuse");
	SKIP_WITHOUT("zpool");
	constexpr std::uint64_t size = 128 * mib;
	loop_device const device(size);
	run_checked({"unshare", "-m", "sh", "-c", make_pool, "sh", device.path()});
	fill_rings(device.path(), size);
	expect_wiped(device, "zfs_member");
}

TEST(old_signatures, what_a_device_held_before_is_not_found_beside_the_image)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image(small_image());
	seeding_agent const seeder(image.torrent_path, image.source_path);
	loop_device const device(8 * mib);
	put_md_superblock(device.path(), 0, 8 * mib);
	put_iso9660(device.path());
	ASSERT_EQ(types_on(device.path()), (texts{"linux_raid_member", "iso9660"}));
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, device.path()));
	job["verify"] = "readback";

	job["targets"][0]["wipe"] = false;
	ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));
	EXPECT_EQ(types_on(device.path()), (texts{"linux_raid_member", "iso9660"}));

	job["targets"][0].erase("wipe");
	auto const result = run_job(image.dir, job);
	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_EQ(types_on(device.path()), texts());
	EXPECT_NE(
		result.err.find("wiped signatures of earlier uses: linux_raid_member at 0x7fe000"), std::string::npos)
		<< result.err;
	EXPECT_TRUE(exits_with(run_rawswarm({"verify", image.dir / "job.json"}), exit_code::done));
}

TEST(old_signatures, a_new_partition_begins_without_any_and_one_that_was_there_keeps_its_own)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image(small_image());
	seeding_agent const seeder(image.torrent_path, image.source_path);
	loop_device const disk(64 * mib);
	std::string const kept = "start=2048, size=16M, name=kept\n";
	auto job = loopback_job({seeder.port()});
	auto const partition = [&](std::string const& script) {
		job["partition_tables"] = {{{"disk", disk.path()}, {"script", script}}};
		job["targets"] = {image_target(image.torrent_path, disk.path() + "p2")};
		ASSERT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));
	};
	partition("label: gpt\n" + kept + "size=8M, name=first\n");
	put_md_superblock(disk.path(), mib, 16 * mib);
	put_md_superblock(disk.path(), 33 * mib, 16 * mib);
	ASSERT_EQ(types_on(disk.path(), 33 * mib, 16 * mib), texts{"linux_raid_member"});

	partition(
		"label: gpt\n" + kept + "start=34816, size=8M, name=second\nstart=67584, size=16M, name=data\n");

	EXPECT_EQ(types_on(disk.path(), mib, 16 * mib), texts{"linux_raid_member"});
	EXPECT_EQ(types_on(disk.path(), 33 * mib, 16 * mib), texts());
}

} // namespace rawswarm::test
