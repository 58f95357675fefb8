// SPDX-License-Identifier: BSD-3-Clause
// Which disks and partitions of recorded machines a selector may mean, key by key.
#include "agent/machine/device_selector.hpp"
#include "tests/support/machine/parsed_selector.hpp"
#include "tests/support/machine/sysfs_tree.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace rawswarm
{
namespace
{

using nlohmann::json;
using test::disk_named;
using test::parsed_selector;
using test::recorded_disks;

using names = std::vector<std::string>;

names matching(json const& device, std::vector<disk_info> const& disks)
{
	auto const s = parsed_selector(device);
	names found;
	for (auto const& d : disks)
	{
		if (matches(s, d))
		{
			found.push_back(d.name);
		}
	}
	return found;
}

names matching(json const& device, std::string const& tree)
{
	return matching(device, recorded_disks(tree));
}

std::vector<int> partitions_matching(json const& device, disk_info const& disk)
{
	auto const s = parsed_selector(device);
	std::vector<int> found;
	for (auto const& p : disk.partitions)
	{
		if (matches(s, p))
		{
			found.push_back(p.number);
		}
	}
	return found;
}

// Opened by nobody: only its number is asked for. Needs root.
class device_node
{
public:
	device_node(test::temp_dir const& dir, block_device_id const id)
		: m_path(dir / "node")
		, m_made(::mknod(m_path.c_str(), S_IFBLK | 0600, makedev(id.major_number, id.minor_number)) == 0)
	{}

	bool made() const { return m_made; }
	std::string const& path() const { return m_path; }

private:
	std::string m_path;
	bool m_made;
};

} // namespace

TEST(device_selector, a_serial_matches_whole_and_in_its_case)
{
	EXPECT_EQ(matching({{"serial", "S4EVNX0M123456"}}, "sata"), names{"sdb"});
	EXPECT_EQ(matching({{"serial", "S4EVNX0M12345"}}, "sata"), names{});
	EXPECT_EQ(matching({{"serial", "s4evnx0m123456"}}, "sata"), names{});
	EXPECT_EQ(matching({{"serial", "root-disk"}}, "virtio"), names{"vda"});
	EXPECT_EQ(matching({{"serial", "4C530001"}}, "usb"), names{"sda"});
}

TEST(device_selector, namespaces_share_the_serial_of_their_controller)
{
	EXPECT_EQ(matching({{"serial", "S64ANS0T123456"}}, "nvme"), (names{"nvme0n1", "nvme0n2"}));
	EXPECT_EQ(matching({{"serial", "PHLJ0123456789"}}, "nvme"), names{"nvme2n1"});
}

TEST(device_selector, a_wwn_matches_with_every_head_and_in_any_case)
{
	for (auto const* const wwn : {"naa.5002538d41a1b2c3", "0x5002538d41a1b2c3", "5002538d41a1b2c3",
			 "0x5002538D41A1B2C3", "NAA.5002538D41A1B2C3", "wwn-0x5002538d41a1b2c3"})
	{
		EXPECT_EQ(matching({{"wwn", wwn}}, "sata"), names{"sdb"}) << wwn;
	}
	EXPECT_EQ(matching({{"wwn", "naa.5002538d41a1b2c"}}, "sata"), names{});
	EXPECT_EQ(matching({{"wwn", "x5002538d41a1b2c3"}}, "sata"), names{});
}

TEST(device_selector, a_wwn_of_nvme_matches)
{
	EXPECT_EQ(
		matching({{"wwn", "nvme.1b36-533634414e533054313233343536-51454d55204e564d65204374726c-00000002"}},
			"nvme"),
		names{"nvme0n2"});
	auto disks = recorded_disks("nvme");
	disks[0].wwn = "eui.0025385b71b0a1b2";
	for (auto const* const wwn : {"eui.0025385b71b0a1b2", "0025385B71B0A1B2", "0x0025385b71b0a1b2"})
	{
		EXPECT_EQ(matching({{"wwn", wwn}}, disks), names{"nvme0n1"}) << wwn;
	}
}

// A head alone is no number: it must not mean the disks that have none.
TEST(device_selector, a_wwn_without_digits_matches_no_disk)
{
	for (auto const* const wwn : {"0x", "naa.", "eui.", "wwn-", "wwn-0x"})
	{
		EXPECT_EQ(matching({{"wwn", wwn}}, "virtio"), names{}) << wwn;
	}
}

TEST(device_selector, a_model_is_a_glob)
{
	EXPECT_EQ(matching({{"model", "Samsung SSD 860 EVO 500GB"}}, "sata"), names{"sdb"});
	EXPECT_EQ(matching({{"model", "Samsung*"}}, "sata"), names{"sdb"});
	EXPECT_EQ(matching({{"model", "?DC WD10*"}}, "sata"), names{"sda"});
	EXPECT_EQ(matching({{"model", "[SW]*"}}, "sata"), (names{"sda", "sdb"}));
	EXPECT_EQ(matching({{"model", "*SSD*"}}, "sata"), names{"sdb"});
	EXPECT_EQ(matching({{"model", "Samsung"}}, "sata"), names{});
	EXPECT_EQ(matching({{"model", "samsung*"}}, "sata"), names{});
	EXPECT_EQ(matching({{"model", "*"}}, "sata"), (names{"sda", "sdb"}));
}

TEST(device_selector, a_model_may_have_its_vendor_before_it)
{
	EXPECT_EQ(matching({{"model", "SEAGATE ST5000NM0024"}}, "virtio"), names{"sda"});
	EXPECT_EQ(matching({{"model", "ST5000NM0024"}}, "virtio"), names{"sda"});
	EXPECT_EQ(matching({{"model", "QEMU QEMU*"}}, "virtio"), names{"sdb"});
}

TEST(device_selector, a_bus_matches_its_disks)
{
	EXPECT_EQ(matching({{"bus", "nvme"}}, "nvme"), (names{"nvme0n1", "nvme0n2", "nvme2n1"}));
	EXPECT_EQ(matching({{"bus", "ata"}}, "sata"), (names{"sda", "sdb"}));
	EXPECT_EQ(matching({{"bus", "usb"}}, "usb"), (names{"sda", "sdb"}));
	EXPECT_EQ(matching({{"bus", "mmc"}}, "usb"), names{"mmcblk0"});
	EXPECT_EQ(matching({{"bus", "virtio"}}, "virtio"), (names{"vda", "vdb"}));
	EXPECT_EQ(matching({{"bus", "scsi"}}, "virtio"), (names{"sda", "sdb"}));
	EXPECT_EQ(matching({{"bus", "nvme"}}, "sata"), names{});
}

TEST(device_selector, the_smallest_and_the_largest_size_are_included)
{
	EXPECT_EQ(matching({{"min_size", 500107862016}}, "sata"), (names{"sda", "sdb"}));
	EXPECT_EQ(matching({{"min_size", 500107862017}}, "sata"), names{"sda"});
	EXPECT_EQ(matching({{"max_size", 500107862016}}, "sata"), names{"sdb"});
	EXPECT_EQ(matching({{"max_size", 500107862015}}, "sata"), names{});
	EXPECT_EQ(matching({{"min_size", 500107862016}, {"max_size", 500107862016}}, "sata"), names{"sdb"});
}

TEST(device_selector, removable_and_rotational_disks_are_told_from_others)
{
	EXPECT_EQ(matching({{"removable", true}}, "usb"), names{"sda"});
	EXPECT_EQ(matching({{"removable", false}}, "usb"), (names{"mmcblk0", "sdb"}));
	EXPECT_EQ(matching({{"rotational", true}}, "sata"), names{"sda"});
	EXPECT_EQ(matching({{"rotational", false}}, "sata"), names{"sdb"});
}

TEST(device_selector, all_that_is_said_must_hold)
{
	EXPECT_EQ(matching({{"serial", "S4EVNX0M123456"}, {"bus", "ata"}, {"rotational", false}}, "sata"),
		names{"sdb"});
	EXPECT_EQ(matching({{"serial", "S4EVNX0M123456"}, {"bus", "nvme"}}, "sata"), names{});
	EXPECT_EQ(matching({{"serial", "S4EVNX0M123456"}, {"rotational", true}}, "sata"), names{});
}

TEST(device_selector, optical_media_are_never_meant)
{
	EXPECT_EQ(matching({{"model", "QEMU DVD-ROM"}}, "sata"), names{});
	EXPECT_EQ(matching({{"removable", true}}, "sata"), names{});
	EXPECT_EQ(matching({{"max_size", 4194304}}, "sata"), names{});
	EXPECT_EQ(matching({{"bus", "ata"}, {"removable", true}, {"choose", "first"}}, "sata"), names{});
}

TEST(device_selector, what_the_kernel_makes_is_meant_by_its_bus_alone)
{
	EXPECT_EQ(matching({{"max_size", 1ULL << 40}}, "mapped"), (names{"vda", "vdb", "vdc", "vdd"}));
	EXPECT_EQ(matching({{"model", "vg0-root"}}, "mapped"), names{});
	EXPECT_EQ(matching({{"bus", "dm"}}, "mapped"), names{"dm-0"});
	EXPECT_EQ(matching({{"model", "vg0-*"}, {"bus", "dm"}}, "mapped"), names{"dm-0"});
	EXPECT_EQ(matching({{"bus", "md"}}, "mapped"), names{"md0"});
	EXPECT_EQ(matching({{"bus", "loop"}}, "mapped"), names{"loop0"});
}

TEST(device_selector, choosing_takes_removable_disks_only_where_they_are_asked_for)
{
	for (auto const* const choose : {"smallest", "largest", "first"})
	{
		EXPECT_EQ(matching({{"bus", "usb"}, {"choose", choose}}, "usb"), names{"sdb"});
		EXPECT_EQ(matching({{"bus", "usb"}, {"removable", true}, {"choose", choose}}, "usb"), names{"sda"});
	}
}

TEST(device_selector, a_path_means_the_device_with_its_number_whatever_it_is)
{
	test::temp_dir const dir;
	auto const disks = recorded_disks("sata");
	device_node const node(dir, disk_named(disks, "sr0").id);
	if (!node.made())
	{
		GTEST_SKIP() << "no node of a device can be made here";
	}
	EXPECT_EQ(matching({{"path", node.path()}}, disks), names{"sr0"});
	std::filesystem::create_symlink("node", dir / "link");
	EXPECT_EQ(matching({{"path", dir / "link"}}, disks), names{"sr0"});
	EXPECT_EQ(matching({{"path", node.path()}, {"bus", "ata"}}, disks), names{"sr0"});
	EXPECT_EQ(matching({{"path", node.path()}, {"bus", "usb"}}, disks), names{});
	EXPECT_EQ(matching({{"path", node.path()}}, recorded_disks("nvme")), names{});
}

TEST(device_selector, a_path_of_nothing_or_of_a_file_means_no_disk)
{
	test::temp_dir const dir;
	test::write_file(dir / "file", "");
	EXPECT_EQ(matching({{"path", dir / "missing"}}, "sata"), names{});
	EXPECT_EQ(matching({{"path", dir / "file"}}, "sata"), names{});
}

TEST(device_selector, partitions_match_by_number_label_and_uuid)
{
	auto const disks = recorded_disks("sata");
	auto const& disk = disk_named(disks, "sda");
	EXPECT_EQ(partitions_matching({{"partition", 2}}, disk), std::vector{2});
	EXPECT_EQ(partitions_matching({{"partition", 4}}, disk), std::vector<int>{});
	EXPECT_EQ(partitions_matching({{"partlabel", "EFI system partition"}}, disk), std::vector{1});
	EXPECT_EQ(partitions_matching({{"partlabel", "data \"2\" \\ ä"}}, disk), std::vector{3});
	EXPECT_EQ(partitions_matching({{"partlabel", "efi system partition"}}, disk), std::vector<int>{});
	EXPECT_EQ(
		partitions_matching({{"partuuid", "7d2e3f40-5c6b-4a79-8889-7a6b5c4d3e2f"}}, disk), std::vector{2});
	EXPECT_EQ(
		partitions_matching({{"partuuid", "7D2E3F40-5C6B-4A79-8889-7A6B5C4D3E2F"}}, disk), std::vector{2});
	EXPECT_EQ(partitions_matching({{"partuuid", "7d2e3f40-5c6b-4a79-8889-7a6b5c4d3e20"}}, disk),
		std::vector<int>{});
	EXPECT_EQ(partitions_matching({{"partition", 1}, {"partlabel", "root"}}, disk), std::vector<int>{});
	EXPECT_EQ(partitions_matching({{"bus", "ata"}}, disk), (std::vector{1, 2, 3}));
}

TEST(device_selector, partitions_of_an_old_table_match_by_its_kind_of_uuid)
{
	auto const disks = recorded_disks("usb");
	EXPECT_EQ(partitions_matching({{"partuuid", "C0FFEE01-05"}}, disk_named(disks, "sda")), std::vector{5});
}

TEST(device_selector, a_description_has_all_that_is_said)
{
	json const all{{"path", "/dev/sda"}, {"serial", "S1"}, {"wwn", "0x5"}, {"model", "A*"}, {"bus", "ata"},
		{"min_size", 1}, {"max_size", 2}, {"removable", false}, {"rotational", true}, {"partition", 3},
		{"partlabel", "root"}, {"partuuid", "c0ffee01-05"}, {"choose", "first"}};
	EXPECT_EQ(describe(parsed_selector(all)),
		"/dev/sda, serial S1, wwn 0x5, model A*, bus ata, partlabel root, partuuid c0ffee01-05, "
		"at least 1 bytes, at most 2 bytes, not removable, rotational, partition 3, the first");
	device_selector hostile;
	hostile.serial = "a\x1b[31m\nb";
	EXPECT_EQ(describe(hostile), "serial a?[31m?b");
}

} // namespace rawswarm
