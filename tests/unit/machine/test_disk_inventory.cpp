// SPDX-License-Identifier: BSD-3-Clause
// list_disks on the /sys of recorded machines.
#include "agent/machine/disk_inventory.hpp"
#include "tests/support/machine/sysfs_tree.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using test::disk_named;
using test::recorded_disks;
using test::sysfs_tree;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t gib = 1024 * mib;

using lines = std::vector<std::string>;

// Each disk, by its name and its kind.
lines identities(std::vector<disk_info> const& disks)
{
	lines found;
	for (auto const& d : disks)
	{
		found.push_back(fmt::format("{}: bus={} serial={} wwn={} vendor={} model={}", d.name, d.bus, d.serial,
			d.wwn, d.vendor, d.model));
	}
	return found;
}

lines kinds(std::vector<disk_info> const& disks)
{
	lines found;
	for (auto const& d : disks)
	{
		found.push_back(fmt::format("{}: {} by {}{}{}{}{}{}", d.name, d.size, d.sector_size,
			d.removable ? " removable" : "", d.rotational ? " rotational" : "",
			d.read_only ? " read-only" : "", d.made_by_kernel ? " made" : "", d.special ? " special" : ""));
	}
	return found;
}

lines partitions(disk_info const& disk)
{
	lines found;
	for (auto const& p : disk.partitions)
	{
		found.push_back(fmt::format("{} {} {}:{} at {} of {} label={} uuid={}", p.number, p.path,
			p.id.major_number, p.id.minor_number, p.offset, p.size, p.label, p.uuid));
	}
	return found;
}

lines names(std::vector<disk_info> const& disks)
{
	lines found;
	std::ranges::transform(disks, std::back_inserter(found), &disk_info::name);
	return found;
}

} // namespace

TEST(disk_inventory, sata_disks_have_serials_world_wide_names_and_models)
{
	auto const disks = recorded_disks("sata");
	EXPECT_EQ(identities(disks),
		(lines{
			"sda: bus=ata serial=WD-WCC4E1234567 wwn=naa.50014ee2b1234567 vendor=ATA model=WDC "
			"WD10EZEX-08WN4A0",
			"sdb: bus=ata serial=S4EVNX0M123456 wwn=naa.5002538d41a1b2c3 vendor=ATA model=Samsung SSD 860 "
			"EVO 500GB",
			"sr0: bus=ata serial= wwn= vendor=QEMU model=QEMU DVD-ROM",
		}));
	EXPECT_EQ(kinds(disks),
		(lines{
			"sda: 1000204886016 by 512 rotational",
			"sdb: 500107862016 by 512",
			"sr0: 4194304 by 2048 removable rotational read-only special",
		}));
}

// As older kernels have them, and disks without that page: cut at 16 characters by SCSI.
TEST(disk_inventory, models_of_sata_disks_are_cut_where_the_kernel_keeps_no_more)
{
	sysfs_tree const tree("sata");
	auto const device = std::filesystem::canonical(tree.files().sys + "/block/sdb/device");
	auto const page = test::read_file(device / "vpd_pg89");
	for (auto const& less : {page.substr(0, 100), std::string(), page.substr(2)})
	{
		test::write_file(device / "vpd_pg89", less);
		EXPECT_EQ(disk_named(tree.disks(), "sdb").model, "Samsung SSD 860");
	}
	std::filesystem::remove(device / "vpd_pg89");
	EXPECT_EQ(disk_named(tree.disks(), "sdb").model, "Samsung SSD 860");
}

TEST(disk_inventory, partitions_have_what_their_table_says)
{
	auto const disks = recorded_disks("sata");
	EXPECT_EQ(partitions(disk_named(disks, "sda")),
		(lines{
			fmt::format("1 /dev/sda1 8:1 at {} of {} label=EFI system partition "
						"uuid=6c1f2d3e-4b5a-4968-8778-695a4b3c2d1e",
				mib, 512 * mib),
			fmt::format("2 /dev/sda2 8:2 at {} of {} label=root uuid=7d2e3f40-5c6b-4a79-8889-7a6b5c4d3e2f",
				513 * mib, 100 * gib),
			fmt::format("3 /dev/sda3 8:3 at {} of {} label=data \"2\" \\ ä "
						"uuid=8e3f4051-6d7c-4b8a-999a-8b7c6d5e4f30",
				400 * gib, 200 * gib),
		}));
	EXPECT_EQ(partitions(disk_named(disks, "sdb")), lines{});
}

TEST(disk_inventory, labels_are_the_kernels_where_no_table_is_read)
{
	sysfs_tree const twins("twins");
	auto const unread = list_disks(twins.files(), {});
	EXPECT_EQ(partitions(disk_named(unread, "sdb")),
		(lines{
			fmt::format("1 /dev/sdb1 8:17 at {} of {} label=windows uuid=", mib, 50 * gib),
			fmt::format("2 /dev/sdb2 8:18 at {} of {} label=data uuid=", 50 * gib + mib, 20 * gib),
		}));
}

// Both namespaces of nvme0 have its serial; the paths to the shared one are hidden.
TEST(disk_inventory, nvme_namespaces_are_disks_and_their_paths_are_not)
{
	auto const disks = recorded_disks("nvme");
	EXPECT_EQ(identities(disks),
		(lines{
			"nvme0n1: bus=nvme serial=S64ANS0T123456 "
			"wwn=nvme.1b36-533634414e533054313233343536-51454d55204e564d65204374726c-00000001 "
			"vendor= model=QEMU NVMe Ctrl",
			"nvme0n2: bus=nvme serial=S64ANS0T123456 "
			"wwn=nvme.1b36-533634414e533054313233343536-51454d55204e564d65204374726c-00000002 "
			"vendor= model=QEMU NVMe Ctrl",
			"nvme2n1: bus=nvme serial=PHLJ0123456789 "
			"wwn=nvme.1b36-50484c4a30313233343536373839-51454d55204e564d65204374726c-00000001 "
			"vendor= model=QEMU NVMe Ctrl",
		}));
	EXPECT_EQ(kinds(disks),
		(lines{
			"nvme0n1: 256060514304 by 512",
			"nvme0n2: 8589934592 by 512",
			"nvme2n1: 512110190592 by 512",
		}));
	EXPECT_EQ(partitions(disk_named(disks, "nvme0n1")).at(1).substr(0, 20), "2 /dev/nvme0n1p2 259");
}

TEST(disk_inventory, usb_disks_have_the_serials_of_their_usb_devices)
{
	auto const disks = recorded_disks("usb");
	EXPECT_EQ(identities(disks),
		(lines{
			"mmcblk0: bus=mmc serial=0xdeadbeef wwn= vendor= model=QEMU!",
			"sda: bus=usb serial=4C530001 wwn= vendor=QEMU model=QEMU HARDDISK",
			"sdb: bus=usb serial=575831314142 wwn= vendor=QEMU model=QEMU HARDDISK",
		}));
	EXPECT_EQ(kinds(disks),
		(lines{
			"mmcblk0: 4294967296 by 512",
			"sda: 1073741824 by 512 removable rotational",
			"sdb: 2000398934016 by 512 rotational",
		}));
}

TEST(disk_inventory, logical_partitions_keep_their_numbers)
{
	auto const disks = recorded_disks("usb");
	EXPECT_EQ(partitions(disk_named(disks, "sda")),
		(lines{
			fmt::format("1 /dev/sda1 8:1 at {} of {} label= uuid=c0ffee01-01", mib, 100 * mib),
			fmt::format("2 /dev/sda2 8:2 at {} of 1024 label= uuid=c0ffee01-02", 101 * mib),
			fmt::format("5 /dev/sda5 8:5 at {} of {} label= uuid=c0ffee01-05", 102 * mib, 200 * mib),
		}));
}

TEST(disk_inventory, virtio_disks_are_of_virtio_and_scsi)
{
	auto const disks = recorded_disks("virtio");
	EXPECT_EQ(identities(disks),
		(lines{
			"sda: bus=scsi serial=Z4D0ABCD wwn=naa.5000c500a1b2c3d4 vendor=SEAGATE model=ST5000NM0024",
			"sdb: bus=scsi serial= wwn= vendor=QEMU model=QEMU HARDDISK",
			"vda: bus=virtio serial=root-disk wwn= vendor= model=",
			"vdb: bus=virtio serial= wwn= vendor= model=",
		}));
	EXPECT_EQ(kinds(disks).at(3), "vdb: 21474836480 by 4096 rotational");
}

TEST(disk_inventory, what_the_kernel_makes_of_other_devices_is_known_as_such)
{
	auto const disks = recorded_disks("mapped");
	EXPECT_EQ(identities(disks),
		(lines{
			"dm-0: bus=dm serial= wwn= vendor= model=vg0-root",
			"loop0: bus=loop serial= wwn= vendor= model=",
			"md0: bus=md serial= wwn= vendor= model=",
			"vda: bus=virtio serial=disk-a wwn= vendor= model=",
			"vdb: bus=virtio serial=disk-b wwn= vendor= model=",
			"vdc: bus=virtio serial=disk-c wwn= vendor= model=",
			"vdd: bus=virtio serial=disk-d wwn= vendor= model=",
			"zram0: bus=zram serial= wwn= vendor= model=",
		}));
	EXPECT_EQ(kinds(disks),
		(lines{
			"dm-0: 268435456 by 512 rotational made",
			"loop0: 16777216 by 512 rotational made",
			"md0: 267386880 by 512 rotational made",
			"vda: 1073741824 by 512 rotational",
			"vdb: 268435456 by 512 rotational",
			"vdc: 268435456 by 512 rotational",
			"vdd: 67108864 by 512 rotational",
			"zram0: 16777216 by 4096 made",
		}));
}

TEST(disk_inventory, disks_have_paths_and_numbers)
{
	auto const disks = recorded_disks("nvme");
	EXPECT_EQ(disk_named(disks, "nvme0n1").path, "/dev/nvme0n1");
	EXPECT_EQ(disk_named(disks, "nvme0n1").id.major_number, 259U);
	EXPECT_EQ(disk_named(recorded_disks("sata"), "sdb").id, (block_device_id{8, 16}));
}

// An old RAID controller's cciss!c0d0, and the boot area and the backup area of a card.
TEST(disk_inventory, odd_names_are_read_as_the_kernel_means_them)
{
	sysfs_tree const tree("sata");
	auto const block = std::filesystem::path(tree.files().sys) / "block";
	for (auto const* const name : {"cciss!c0d0", "mmcblk0boot1", "mmcblk0rpmb", "ram0"})
	{
		auto const folder = block.parent_path() / "devices/pci0/block" / name;
		test::write_file(folder / "size", "2048\n");
		test::write_file(folder / "dev", "104:0\n");
		std::filesystem::create_symlink(folder, block / name);
	}
	auto const disks = tree.disks();
	EXPECT_EQ(names(disks), (lines{"cciss!c0d0", "mmcblk0boot1", "mmcblk0rpmb", "sda", "sdb", "sr0"}));
	EXPECT_EQ(disk_named(disks, "cciss!c0d0").path, "/dev/cciss/c0d0");
	EXPECT_FALSE(disk_named(disks, "cciss!c0d0").special);
	EXPECT_TRUE(disk_named(disks, "mmcblk0boot1").special);
	EXPECT_TRUE(disk_named(disks, "mmcblk0rpmb").special);
}

TEST(disk_inventory, a_disk_without_a_medium_is_none)
{
	sysfs_tree const tree("usb");
	auto const size = std::filesystem::canonical(tree.files().sys + "/block/sda") / "size";
	test::write_file(size, "0\n");
	EXPECT_EQ(names(tree.disks()), (lines{"mmcblk0", "sdb"}));
}

TEST(disk_inventory, names_are_ordered_as_people_count)
{
	lines const ordered{"dm-0", "dm-2", "dm-10", "loop0", "loop10", "md0", "md127", "mmcblk0", "mmcblk0boot0",
		"mmcblk1", "nvme0n1", "nvme0n2", "nvme0n10", "nvme1n1", "nvme10n1", "sda", "sdb", "sdz", "sdaa",
		"sdab", "sdba", "sr0", "vda", "vdz", "vdaa", "xvda", "zram0"};
	for (std::size_t i = 0; i < ordered.size(); ++i)
	{
		for (std::size_t j = 0; j < ordered.size(); ++j)
		{
			EXPECT_EQ(by_kernel_name(ordered[i], ordered[j]), i < j) << ordered[i] << " " << ordered[j];
		}
	}
}

} // namespace rawswarm
