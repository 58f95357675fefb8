// SPDX-License-Identifier: BSD-3-Clause
// The output of `rawswarm devices` for recorded machines.
#include "agent/cli/devices.hpp"
#include "agent/machine/select_device.hpp"
#include "base/clean_text.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/machine/parsed_selector.hpp"
#include "tests/support/machine/sysfs_tree.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using nlohmann::json;
using test::disk_named;
using test::recorded_disks;
using test::sysfs_tree;

// Kernel files that tell no use of any device.
kernel_files no_uses()
{
	return {"/nonexistent/proc", "/nonexistent/sys"};
}

json listed(std::vector<disk_info> const& disks, kernel_files const& files = no_uses())
{
	return json::parse(devices_as_json(disks, files));
}

// The entry of a disk or partition in the list.
json const& entry_of(std::string const& path, json const& list)
{
	for (auto const& disk : list.at("devices"))
	{
		if (disk.at("path") == path)
		{
			return disk;
		}
		for (auto const& partition : disk.at("partitions"))
		{
			if (partition.at("path") == path)
			{
				return partition;
			}
		}
	}
	throw std::runtime_error("looking for " + path + ": not listed");
}

// Without those by path: a path names a device of the machine that the tests run on.
json selectors_of(std::string const& path, std::vector<disk_info> const& disks)
{
	auto const list = listed(disks);
	json found = json::array();
	for (auto const& s : entry_of(path, list).at("selectors"))
	{
		if (!s.contains("path"))
		{
			found.push_back(s);
		}
	}
	return found;
}

// Counts the selectors of the entry, and expects each of them to select its device and no other.
int count_right_selectors(json const& entry, std::vector<disk_info> const& disks)
{
	int count = 0;
	for (auto const& selector : entry.at("selectors"))
	{
		auto const found = test::value_of(select(test::parsed_selector(selector), disks));
		EXPECT_TRUE(found && found->path == entry.at("path")) << selector << " for " << entry.at("path");
		++count;
	}
	return count;
}

int count_right_selectors(std::vector<disk_info> const& disks)
{
	int count = 0;
	auto const list = listed(disks);
	for (auto const& disk : list.at("devices"))
	{
		count += count_right_selectors(disk, disks);
		for (auto const& partition : disk.at("partitions"))
		{
			count += count_right_selectors(partition, disks);
		}
	}
	return count;
}

} // namespace

TEST(devices, every_selector_read_back_by_a_job_selects_its_device)
{
	for (auto const& [tree, at_least] : std::vector<std::pair<std::string, int>>{
			 {"sata", 24}, {"nvme", 16}, {"usb", 17}, {"virtio", 5}, {"mapped", 15}, {"twins", 16}})
	{
		EXPECT_GE(count_right_selectors(recorded_disks(tree)), at_least) << tree;
	}
}

TEST(devices, what_names_a_disk_for_good_comes_first)
{
	auto const disks = recorded_disks("sata");
	EXPECT_EQ(selectors_of("/dev/sda", disks),
		json::parse(R"([{"serial": "WD-WCC4E1234567"}, {"wwn": "naa.50014ee2b1234567"},
			{"model": "WDC WD10EZEX-08WN4A0"}])"));
	EXPECT_EQ(selectors_of("/dev/sda2", disks),
		json::parse(R"([{"partuuid": "7d2e3f40-5c6b-4a79-8889-7a6b5c4d3e2f"}, {"partlabel": "root"},
			{"serial": "WD-WCC4E1234567", "partition": 2}, {"wwn": "naa.50014ee2b1234567", "partition": 2},
			{"model": "WDC WD10EZEX-08WN4A0", "partition": 2}, {"bus": "ata", "partition": 2}])"));
	EXPECT_EQ(selectors_of("/dev/sr0", disks), json::array());
}

TEST(devices, what_two_devices_share_is_not_suggested)
{
	EXPECT_EQ(selectors_of("/dev/nvme0n2", recorded_disks("nvme")), json::parse(R"([{"wwn":
			"nvme.1b36-533634414e533054313233343536-51454d55204e564d65204374726c-00000002"}])"));
	auto const twins = recorded_disks("twins");
	EXPECT_EQ(selectors_of("/dev/sda1", twins).at(0),
		json::parse(R"({"partuuid": "e495a6b7-c3d2-41e0-9ff0-e1d2c3b4a596"})"));
	EXPECT_EQ(selectors_of("/dev/sda1", twins).at(1), json::parse(R"({"serial": "TWIN-A", "partition": 1})"));
	EXPECT_EQ(selectors_of("/dev/sdb2", twins).at(1), json::parse(R"({"partlabel": "data"})"));
}

TEST(devices, what_the_kernel_makes_is_named_by_its_bus)
{
	auto disks = recorded_disks("mapped");
	EXPECT_EQ(selectors_of("/dev/dm-0", disks), json::parse(R"([{"bus": "dm"}])"));
	EXPECT_EQ(selectors_of("/dev/md0", disks), json::parse(R"([{"bus": "md"}])"));
	EXPECT_EQ(selectors_of("/dev/zram0", disks), json::array());

	auto& loop = disks.at(1);
	ASSERT_EQ(loop.name, "loop0");
	loop.partitions = disk_named(disks, "vda").partitions;
	loop.partitions.resize(1);
	loop.partitions[0].path = "/dev/loop0p1";
	EXPECT_EQ(selectors_of("/dev/loop0p1", disks),
		json::parse(R"([{"bus": "loop", "partuuid": "c2738495-a1b0-4fce-9dde-cfb0a1928374"},
			{"bus": "loop", "partlabel": "volumes"}, {"bus": "loop", "partition": 1}])"));
}

TEST(devices, a_model_with_the_characters_of_globs_is_suggested_as_itself)
{
	auto disks = recorded_disks("sata");
	disks[0].model = "a[b]*?\\";
	EXPECT_EQ(selectors_of("/dev/sda", disks).at(2), json::parse(R"({"model": "a\\[b]\\*\\?\\\\"})"));
	EXPECT_EQ(count_right_selectors(entry_of("/dev/sda", listed(disks)), disks), 3);
}

// Cheap USB sticks have such serial numbers.
TEST(devices, what_no_job_can_say_is_not_suggested)
{
	for (auto const* const serial : {"a\x01z", "\xff\xfe", "${mac}", "${", "a\nb"})
	{
		auto disks = recorded_disks("sata");
		disks[0].serial = serial;
		disks[0].bus = "nd";
		disks[0].partitions.clear();
		EXPECT_EQ(selectors_of("/dev/sda", disks),
			json::parse(R"([{"wwn": "naa.50014ee2b1234567"}, {"model": "WDC WD10EZEX-08WN4A0"}])"))
			<< serial;
	}
}

TEST(devices, json_has_a_version_and_all_that_is_known)
{
	sysfs_tree const machine("mapped");
	auto const list = listed(machine.disks(), machine.files());
	EXPECT_EQ(list.at("version"), 1);
	EXPECT_EQ(list.at("devices").size(), 8U);
	auto const& disk = entry_of("/dev/vda", list);
	EXPECT_EQ(disk.at("size"), 1073741824);
	EXPECT_EQ(disk.at("sector_size"), 512);
	EXPECT_EQ(disk.at("serial"), "disk-a");
	EXPECT_EQ(disk.at("bus"), "virtio");
	EXPECT_EQ(disk.at("removable"), false);
	EXPECT_EQ(disk.at("rotational"), true);
	EXPECT_EQ(disk.at("read_only"), false);
	EXPECT_EQ(disk.at("partitions").size(), 2U);
	auto const& partition = entry_of("/dev/vda2", list);
	EXPECT_EQ(partition.at("number"), 2);
	EXPECT_EQ(partition.at("offset"), 269484032);
	EXPECT_EQ(partition.at("size"), 803209216);
	EXPECT_EQ(partition.at("partlabel"), "rest");
	EXPECT_EQ(partition.at("partuuid"), "d38495a6-b2c1-40df-8eef-d0c1b2a39485");
}

TEST(devices, uses_name_mounts_swap_and_holders)
{
	sysfs_tree const machine("mapped");
	auto const list = listed(machine.disks(), machine.files());
	for (auto const& [path, use] : std::vector<std::pair<std::string, std::string>>{
			 {"/dev/dm-0", "mounted on /mnt/the root"},
			 {"/dev/md0", "used as swap"},
			 {"/dev/vda", "its partition vda1 is held by dm-0 (vg0-root)"},
			 {"/dev/vda1", "held by dm-0 (vg0-root)"},
			 {"/dev/vda2", ""},
			 {"/dev/vdb", "held by md0"},
			 {"/dev/vdc", "held by md0"},
			 {"/dev/vdd", ""},
			 {"/dev/loop0", ""},
		 })
	{
		EXPECT_EQ(entry_of(path, list).at("use"), use) << path;
	}
}

TEST(devices, text_is_a_line_a_device_with_its_selectors_below)
{
	sysfs_tree const machine("twins");
	auto const disks = machine.disks();
	EXPECT_EQ(devices_as_text({&disks.back(), 1}, machine.files()),
		R"(/dev/sdb         111.8 GiB  ata  ATA  INTEL SSDSC2BW120A4  rotational
        {"serial":"TWIN-B"}
        {"wwn":"t10.ATA     INTEL SSDSC2BW120A4                     TWIN-B"}
        {"model":"INTEL SSDSC2BW120A4"}
        {"bus":"ata"}
  /dev/sdb1       50.0 GiB  windows
        {"partuuid":"f5a6b7c8-d4e3-42f1-8001-f2e3d4c5b6a7"}
        {"partlabel":"windows"}
        {"serial":"TWIN-B","partition":1}
        {"wwn":"t10.ATA     INTEL SSDSC2BW120A4                     TWIN-B","partition":1}
        {"model":"INTEL SSDSC2BW120A4","partition":1}
        {"bus":"ata","partition":1}
  /dev/sdb2       20.0 GiB  data
        {"partuuid":"06b7c8d9-e5f4-4302-9112-03f4e5d6c7b8"}
        {"partlabel":"data"}
        {"serial":"TWIN-B","partition":2}
        {"wwn":"t10.ATA     INTEL SSDSC2BW120A4                     TWIN-B","partition":2}
        {"model":"INTEL SSDSC2BW120A4","partition":2}
        {"bus":"ata","partition":2}
)");
	EXPECT_EQ(devices_as_text({}), "no block device\n");
}

// The second label would set a terminal's colours (an 8-bit CSI) and turn the writing direction.
TEST(devices, text_lets_no_name_from_a_disk_rule_the_terminal)
{
	auto disks = recorded_disks("sata");
	disks[0].model = "a\x1b[31mb";
	disks[0].partitions[0].label = "c\r\x1b[0md";
	disks[0].partitions[1].label = "e\302\23331m\342\200\256f";
	auto const text = devices_as_text(disks, no_uses());
	EXPECT_EQ(clean_text(text, line_breaks::keep), text);
	EXPECT_NE(text.find("a?[31mb"), std::string::npos);
	EXPECT_NE(text.find("c??[0md"), std::string::npos);
	EXPECT_NE(text.find("e?31m?f"), std::string::npos);
	EXPECT_NE(text.find(R"({"partlabel":"e\u009b31m\u202ef"})"), std::string::npos);
	EXPECT_NE(text.find(R"({"partlabel":"data \"2\" \\ ä"})"), std::string::npos);
}

} // namespace rawswarm
