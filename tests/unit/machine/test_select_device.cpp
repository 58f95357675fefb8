// SPDX-License-Identifier: BSD-3-Clause
// The one device that a selector means on recorded machines, or what there is instead.
#include "agent/machine/select_device.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/machine/parsed_selector.hpp"
#include "tests/support/machine/sysfs_tree.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm
{
namespace
{

using namespace std::chrono_literals;
using nlohmann::json;
using test::parsed_selector;
using test::recorded_disks;

using clock = std::chrono::steady_clock;

// The path of the device, or the error's text: it is always a fault of the target, on one line.
std::string verdict(result<selected_device> const& found)
{
	if (found)
	{
		return found.value().path;
	}
	EXPECT_EQ(found.error().kind, fault::target);
	EXPECT_EQ(found.error().text.find('\n'), std::string::npos);
	return found.error().text;
}

// Looks once, without waiting.
std::string selected(json const& device, std::vector<disk_info> const& disks)
{
	auto s = parsed_selector(device);
	s.wait = 0s;
	return verdict(find_device(s, [&disks] { return disks; }));
}

std::string selected(json const& device, std::string const& tree)
{
	return selected(device, recorded_disks(tree));
}

} // namespace

TEST(select_device, one_match_is_the_device)
{
	EXPECT_EQ(selected({{"serial", "S4EVNX0M123456"}}, "sata"), "/dev/sdb");
	auto const disks = recorded_disks("sata");
	auto const found = test::value_of(select(parsed_selector({{"serial", "S4EVNX0M123456"}}), disks));
	ASSERT_TRUE(found);
	EXPECT_EQ(found->disk.name, "sdb");
	EXPECT_FALSE(found->partition);
}

TEST(select_device, none_lists_the_disks_that_there_are)
{
	EXPECT_EQ(selected({{"serial", "X"}, {"bus", "ata"}}, "sata"),
		"selecting serial X, bus ata: none matches; there are "
		"/dev/sda (WDC WD10EZEX-08WN4A0, serial WD-WCC4E1234567, 1000204886016 bytes), "
		"/dev/sdb (Samsung SSD 860 EVO 500GB, serial S4EVNX0M123456, 500107862016 bytes), "
		"/dev/sr0 (QEMU DVD-ROM, 4194304 bytes, removable)");
	EXPECT_EQ(selected({{"serial", "X"}}, std::vector<disk_info>{}),
		"selecting serial X: none matches; there is no disk");
}

TEST(select_device, several_are_listed_and_none_of_them_is_taken)
{
	EXPECT_EQ(selected({{"serial", "S64ANS0T123456"}}, "nvme"),
		"selecting serial S64ANS0T123456: 2 match: "
		"/dev/nvme0n1 (QEMU NVMe Ctrl, serial S64ANS0T123456, 256060514304 bytes), "
		"/dev/nvme0n2 (QEMU NVMe Ctrl, serial S64ANS0T123456, 8589934592 bytes)");
}

TEST(select_device, a_long_list_is_cut)
{
	auto disks = recorded_disks("virtio");
	disks.resize(1);
	disks.resize(20, disks.front());
	auto const text = selected({{"serial", "Z4D0ABCD"}}, disks);
	EXPECT_TRUE(text.ends_with("5368709120 bytes) and 8 more")) << text;
}

TEST(select_device, names_from_the_disk_cannot_break_the_line)
{
	auto disks = recorded_disks("sata");
	disks[0].model = "bad\nmodel\x1b[0m";
	disks[0].serial = "\xff\r";
	EXPECT_NE(
		selected({{"serial", "X"}}, disks).find("/dev/sda (bad?model?[0m, serial ??,"), std::string::npos);
}

TEST(select_device, ties_are_broken_by_size)
{
	EXPECT_EQ(selected({{"bus", "ata"}, {"choose", "smallest"}}, "sata"), "/dev/sdb");
	EXPECT_EQ(selected({{"bus", "ata"}, {"choose", "largest"}}, "sata"), "/dev/sda");
	EXPECT_EQ(selected({{"bus", "nvme"}, {"choose", "smallest"}}, "nvme"), "/dev/nvme0n2");
	EXPECT_EQ(selected({{"bus", "nvme"}, {"choose", "largest"}}, "nvme"), "/dev/nvme2n1");
}

TEST(select_device, ties_are_broken_by_the_order_of_names)
{
	EXPECT_EQ(selected({{"bus", "ata"}, {"choose", "first"}}, "sata"), "/dev/sda");
	EXPECT_EQ(selected({{"bus", "nvme"}, {"min_size", 1}, {"choose", "first"}}, "nvme"), "/dev/nvme0n1");
}

TEST(select_device, disks_of_one_size_are_still_a_tie)
{
	for (auto const* const choose : {"smallest", "largest"})
	{
		auto const text = selected({{"bus", "ata"}, {"choose", choose}}, "twins");
		EXPECT_NE(
			text.find(
				": 2 match: /dev/sda (INTEL SSDSC2BW120A4, serial TWIN-A, 120034123776 bytes), /dev/sdb "),
			std::string::npos)
			<< text;
	}
	EXPECT_EQ(selected({{"bus", "ata"}, {"choose", "first"}}, "twins"), "/dev/sda");
}

TEST(select_device, the_smallest_of_several_is_a_tie_only_among_the_smallest)
{
	EXPECT_EQ(selected({{"bus", "virtio"}, {"choose", "smallest"}}, "mapped"), "/dev/vdd");
	EXPECT_EQ(selected({{"bus", "virtio"}, {"choose", "largest"}}, "mapped"), "/dev/vda");
	EXPECT_NE(selected({{"bus", "virtio"}, {"min_size", 200000000}, {"choose", "smallest"}}, "mapped")
				  .find(": 2 match: /dev/vdb (serial disk-b, 268435456 bytes), /dev/vdc "),
		std::string::npos);
}

// The stick is the smallest and the first, the loop device and the memory smaller than all disks.
TEST(select_device, a_choice_passes_over_sticks_and_what_the_kernel_makes)
{
	// a stick, a disk at USB and a memory card
	EXPECT_NE(
		selected({{"min_size", 1}, {"choose", "smallest"}, {"wait_seconds", 0}}, "usb").find("none matches"),
		std::string::npos);
	EXPECT_EQ(selected({{"bus", "mmc"}, {"choose", "smallest"}}, "usb"), "/dev/mmcblk0");
	EXPECT_EQ(selected({{"bus", "usb"}, {"choose", "first"}}, "usb"), "/dev/sdb");
	EXPECT_EQ(selected({{"removable", true}, {"choose", "first"}}, "usb"), "/dev/sda");
	EXPECT_EQ(selected({{"min_size", 1}, {"choose", "smallest"}}, "mapped"), "/dev/vdd");
	EXPECT_EQ(selected({{"min_size", 1}, {"choose", "first"}}, "mapped"), "/dev/vda");
	EXPECT_EQ(selected({{"bus", "loop"}, {"choose", "first"}}, "mapped"), "/dev/loop0");
	EXPECT_EQ(selected({{"min_size", 1}, {"choose", "smallest"}}, "sata"), "/dev/sdb");
}

TEST(select_device, a_choice_takes_an_external_disk_only_by_name_and_last)
{
	std::vector<disk_info> disks(3);
	for (int i = 0; i < 3; ++i)
	{
		auto& disk = disks[static_cast<std::size_t>(i)];
		disk.name = std::string("sd") + "abc"[i];
		disk.path = "/dev/" + disk.name;
		disk.size = static_cast<std::uint64_t>(i + 1) << 30;
		disk.model = "Samsung";
		disk.bus = i == 0 ? "usb" : "ata";
		disk.external = i == 0;
	}
	EXPECT_EQ(selected({{"removable", false}, {"choose", "smallest"}}, disks), "/dev/sdb");
	EXPECT_EQ(selected({{"model", "Sam*"}, {"choose", "first"}}, disks), "/dev/sdb");
	EXPECT_EQ(selected({{"bus", "usb"}, {"choose", "first"}}, disks), "/dev/sda");
	EXPECT_EQ(selected({{"model", "Sam*"}, {"max_size", 1 << 30}, {"choose", "first"}}, disks), "/dev/sda");
	disks.resize(1);
	auto const alone = selected({{"rotational", false}, {"choose", "first"}, {"wait_seconds", 0}}, disks);
	EXPECT_NE(alone.find("none matches; there are /dev/sda (Samsung, 1073741824 bytes, external)"),
		std::string::npos)
		<< alone;
}

TEST(select_device, blanks_around_a_serial_number_do_not_matter)
{
	EXPECT_EQ(selected({{"serial", " WD-WCC4E1234567  "}}, "sata"), "/dev/sda");
	EXPECT_NE(selected({{"serial", " "}}, "sata").find("none matches"), std::string::npos);
}

TEST(select_device, a_partition_is_looked_for_inside_the_disk)
{
	EXPECT_EQ(selected({{"serial", "WD-WCC4E1234567"}, {"partition", 2}}, "sata"), "/dev/sda2");
	EXPECT_EQ(selected({{"serial", "WD-WCC4E1234567"}, {"partlabel", "root"}}, "sata"), "/dev/sda2");
	EXPECT_EQ(selected({{"partuuid", "8E3F4051-6d7c-4b8a-999a-8b7c6d5e4f30"}}, "sata"), "/dev/sda3");
	EXPECT_EQ(selected({{"bus", "nvme"}, {"partition", 1}}, "nvme"), "/dev/nvme0n1p1");
	auto const disks = recorded_disks("sata");
	auto const found = test::value_of(select(parsed_selector({{"partlabel", "root"}}), disks));
	ASSERT_TRUE(found);
	EXPECT_EQ(found->disk.name, "sda");
	ASSERT_TRUE(found->partition);
	EXPECT_EQ(found->partition->number, 2);
}

TEST(select_device, a_partition_that_the_disk_lacks_is_not_looked_for_elsewhere)
{
	auto const text = selected({{"serial", "S4EVNX0M123456"}, {"partition", 1}}, "sata");
	EXPECT_TRUE(text.starts_with("selecting serial S4EVNX0M123456, partition 1: none matches; ")) << text;
	EXPECT_TRUE(selected({{"serial", "TWIN-A"}, {"partlabel", "data"}}, "twins").find("none matches")
		!= std::string::npos);
}

TEST(select_device, one_label_on_two_disks_is_an_error_that_names_both)
{
	EXPECT_EQ(selected({{"partlabel", "windows"}}, "twins"),
		"selecting partlabel windows: 2 match: "
		"/dev/sda1 on /dev/sda (INTEL SSDSC2BW120A4, serial TWIN-A, 120034123776 bytes), "
		"/dev/sdb1 on /dev/sdb (INTEL SSDSC2BW120A4, serial TWIN-B, 120034123776 bytes)");
	EXPECT_EQ(selected({{"serial", "TWIN-B"}, {"partlabel", "windows"}}, "twins"), "/dev/sdb1");
	EXPECT_EQ(selected({{"partlabel", "data"}}, "twins"), "/dev/sdb2");
	EXPECT_EQ(selected({{"partlabel", "windows"}, {"choose", "first"}}, "twins"), "/dev/sda1");
}

TEST(select_device, a_choice_among_disks_is_none_among_the_partitions_of_one)
{
	auto const text = selected({{"partuuid", "c0ffee01-05"}, {"choose", "first"}}, "usb");
	EXPECT_NE(text.find("none matches"), std::string::npos) << "the stick was not asked for";
	auto disks = recorded_disks("twins");
	disks[1].partitions[1].label = "windows";
	EXPECT_NE(selected({{"serial", "TWIN-B"}, {"partlabel", "windows"}, {"choose", "first"}}, disks)
				  .find(": 2 match: /dev/sdb1 on /dev/sdb "),
		std::string::npos);
}

TEST(select_device, a_late_disk_is_waited_for)
{
	auto const disks = recorded_disks("sata");
	int looks = 0;
	auto const list = [&] {
		++looks;
		return looks < 3 ? std::vector<disk_info>() : disks;
	};
	std::vector<std::string> told;
	auto const waiting = [&](error const& why) { told.push_back(why.text); };
	auto const wanted = parsed_selector({{"serial", "S4EVNX0M123456"}, {"wait_seconds", 60}});
	EXPECT_EQ(verdict(find_device(wanted, list, {}, waiting)), "/dev/sdb");
	EXPECT_EQ(looks, 3);
	EXPECT_EQ(
		told, std::vector<std::string>{"selecting serial S4EVNX0M123456: none matches; there is no disk"});
}

TEST(select_device, a_late_partition_is_waited_for)
{
	auto const disks = recorded_disks("sata");
	int looks = 0;
	auto const list = [&] {
		auto now = disks;
		if (++looks < 2)
		{
			now[0].partitions.clear();
		}
		return now;
	};
	EXPECT_EQ(verdict(find_device(parsed_selector({{"partlabel", "root"}, {"wait_seconds", 60}}), list)),
		"/dev/sda2");
	EXPECT_EQ(looks, 2);
}

TEST(select_device, no_wait_is_one_look)
{
	int looks = 0;
	auto const list = [&] {
		++looks;
		return std::vector<disk_info>();
	};
	EXPECT_EQ(verdict(find_device(parsed_selector({{"serial", "X"}, {"wait_seconds", 0}}), list)),
		"selecting serial X: none matches; there is no disk");
	EXPECT_EQ(looks, 1);
}

TEST(select_device, a_disk_that_never_appears_ends_the_wait)
{
	auto const start = clock::now();
	int looks = 0;
	auto const list = [&] {
		++looks;
		return std::vector<disk_info>();
	};
	EXPECT_FALSE(find_device(parsed_selector({{"serial", "X"}, {"wait_seconds", 1}}), list));
	EXPECT_GE(clock::now() - start, 1s);
	EXPECT_GT(looks, 1);
}

TEST(select_device, several_matches_are_not_waited_for)
{
	int looks = 0;
	auto const disks = recorded_disks("twins");
	auto const list = [&] {
		++looks;
		return disks;
	};
	EXPECT_FALSE(find_device(parsed_selector({{"partlabel", "windows"}, {"wait_seconds", 60}}), list));
	EXPECT_EQ(looks, 1);
}

TEST(select_device, a_request_to_stop_ends_the_wait)
{
	auto const start = clock::now();
	auto const selector = parsed_selector({{"serial", "X"}, {"wait_seconds", 60}});
	std::jthread waiter([&selector](std::stop_token const& stop) {
		EXPECT_FALSE(find_device(
			selector, [] { return std::vector<disk_info>(); }, stop));
	});
	std::this_thread::sleep_for(100ms);
	waiter.request_stop();
	waiter.join();
	EXPECT_LT(clock::now() - start, 30s);
}

} // namespace rawswarm
