// SPDX-License-Identifier: BSD-3-Clause
// Boot entries in a folder that stands in for the kernel's efivarfs, where efibootmgr reads and writes them
// as well.
#include "agent/machine/boot_entries.hpp"
#include "agent/machine/load_option.hpp"
#include "agent/machine/uefi.hpp"
#include "base/text.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

namespace rawswarm
{
namespace
{

namespace fs = std::filesystem;
using test::value_of;

constexpr std::string_view guid = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";

std::string option_of(std::string_view const label, std::string_view const loader = "\\a.efi")
{
	table_partition partition;
	partition.number = 1;
	partition.offset = 1048576;
	partition.length = 16777216;
	partition.uuid = "c0ffee00-1234-5678-9abc-def012345678";
	return make_load_option(label, {"gpt", {}, {partition}}, partition, 512, loader);
}

// Its firmware boots from two cards of the network, and has a language.
class firmware : public ::testing::Test
{
protected:
	firmware()
	{
		fs::create_directories(folder());
		put("PlatformLang", "en");
		put("Boot0000", option_of("PXE one"));
		put("Boot0002", option_of("PXE two"));
		put("BootOrder", std::string("\2\0\0\0", 4));
	}

	std::string folder() const { return m_sys / "firmware/efi/efivars"; }
	kernel_files files() const { return {.sys = m_sys.path()}; }
	efi_variables variables() const { return value_of(efi_variables::open(files())); }
	std::string file(std::string_view name) const
	{
		return folder() + "/" + std::string(name) + std::string(guid);
	}

	void put(std::string_view name, std::string_view value) const
	{
		test::write_file(file(name), std::string("\7\0\0\0", 4) + std::string(value));
	}

	std::string enter(boot_entry const& entry) const { return value_of(put_boot_entry(variables(), entry)); }

	// In hexadecimal, with the attributes; empty: it is not there.
	std::string content(std::string_view name) const
	{
		return fs::exists(file(name)) ? to_hex(test::read_file(file(name))) : std::string();
	}

	test::temp_dir m_sys;
};

boot_entry entry_of(std::string const& label)
{
	return {label, option_of(label)};
}

} // namespace

TEST_F(firmware, gets_a_new_entry_with_the_lowest_free_number_behind_the_others)
{
	EXPECT_EQ(enter(entry_of("rawswarm")), "Boot0001");
	EXPECT_EQ(content("Boot0001"), "07000000" + to_hex(option_of("rawswarm")));
	EXPECT_EQ(content("BootOrder"), "07000000020000000100");
	EXPECT_EQ(content("BootNext"), "");
	EXPECT_EQ(content("PlatformLang"), "07000000" + to_hex("en"));
}

TEST_F(firmware, gets_an_order_if_it_has_none)
{
	fs::remove(file("BootOrder"));
	EXPECT_EQ(enter(entry_of("rawswarm")), "Boot0001");
	EXPECT_EQ(content("BootOrder"), "070000000100");
}

TEST_F(firmware, has_one_entry_of_a_label_however_often_it_is_made)
{
	enter(entry_of("rawswarm"));
	auto changed = entry_of("rawswarm");
	changed.option = option_of("rawswarm", "\\EFI\\longer\\than\\before.efi");
	EXPECT_EQ(enter(changed), "Boot0001");
	EXPECT_EQ(content("Boot0001"), "07000000" + to_hex(changed.option));
	EXPECT_EQ(enter(entry_of("rawswarm")), "Boot0001");
	EXPECT_EQ(content("Boot0001"), "07000000" + to_hex(option_of("rawswarm")));
	EXPECT_EQ(content("BootOrder"), "07000000020000000100");
	EXPECT_EQ(content("Boot0003"), "");
}

TEST_F(firmware, is_not_written_to_if_nothing_changes)
{
	enter(entry_of("rawswarm"));
	auto const before = fs::last_write_time(file("Boot0001"));
	auto const order = fs::last_write_time(file("BootOrder"));
	enter(entry_of("rawswarm"));
	EXPECT_EQ(fs::last_write_time(file("Boot0001")), before);
	EXPECT_EQ(fs::last_write_time(file("BootOrder")), order);
}

TEST_F(firmware, has_the_entry_first_if_that_is_asked_for)
{
	auto first = entry_of("rawswarm");
	first.first = true;
	EXPECT_EQ(enter(first), "Boot0001");
	EXPECT_EQ(content("BootOrder"), "07000000010002000000");
	EXPECT_EQ(enter(entry_of("rawswarm")), "Boot0001");
	EXPECT_EQ(content("BootOrder"), "07000000010002000000") << "it stays where it is";
	EXPECT_EQ(enter({"other", option_of("other"), true, false}), "Boot0003");
	EXPECT_EQ(enter(first), "Boot0001");
	EXPECT_EQ(content("BootOrder"), "070000000100030002000000");
}

TEST_F(firmware, starts_the_entry_next_if_that_is_asked_for)
{
	auto next = entry_of("rawswarm");
	next.next = true;
	EXPECT_EQ(enter(next), "Boot0001");
	EXPECT_EQ(content("BootNext"), "070000000100");
	EXPECT_EQ(content("BootOrder"), "07000000020000000100");
}

TEST_F(firmware, loses_further_entries_of_the_label_and_keeps_those_of_others)
{
	put("Boot0001", option_of("rawswarm", "\\old.efi"));
	put("Boot0004", option_of("rawswarm", "\\older.efi"));
	put("Boot0005", option_of("rawswarm too"));
	put("Boot00AB", option_of("rawswarm", "\\unordered.efi"));
	put("BootOrder", std::string("\4\0\0\0\1\0\5\0", 8));
	EXPECT_EQ(enter(entry_of("rawswarm")), "Boot0004") << "the one that is tried first";
	EXPECT_EQ(content("Boot0004"), "07000000" + to_hex(option_of("rawswarm")));
	EXPECT_EQ(content("BootOrder"), "07000000040000000500");
	EXPECT_EQ(content("Boot0001"), "");
	EXPECT_EQ(content("Boot00AB"), "");
	EXPECT_EQ(content("Boot0005"), "07000000" + to_hex(option_of("rawswarm too")));
}

TEST_F(firmware, gives_no_number_that_its_order_still_has)
{
	put("BootOrder", std::string("\1\0\0\0", 4));
	EXPECT_EQ(enter(entry_of("rawswarm")), "Boot0003");
	EXPECT_EQ(content("BootOrder"), "07000000010000000300");
}

TEST_F(firmware, may_hold_files_that_are_no_entries)
{
	test::write_file(file("Boot0001"), ""); // of a write that failed
	put("Boot000g", "x");
	put("Boot00001", option_of("rawswarm"));
	put("BootCurrent", std::string("\0\0", 2));
	test::write_file(folder() + "/Boot0003-00000000-0000-0000-0000-000000000000", "x");
	EXPECT_EQ(enter(entry_of("rawswarm")), "Boot0003");
	EXPECT_NE(content("Boot00001"), "");
}

TEST_F(firmware, has_variables_that_are_changed_although_they_are_immutable)
{
	SKIP_WITHOUT_ROOT();
	SKIP_WITHOUT("chattr");
	put("Boot0001", option_of("rawswarm", "\\old.efi"));
	put("Boot0003", option_of("rawswarm", "\\older.efi"));
	if (test::run(std::vector<std::string>{"chattr", "+i", file("Boot0001"), file("Boot0003")}).exit_code
		!= 0)
	{
		GTEST_SKIP() << "no immutable files here";
	}
	EXPECT_EQ(enter(entry_of("rawswarm")), "Boot0001");
	EXPECT_EQ(content("Boot0001"), "07000000" + to_hex(option_of("rawswarm")));
	EXPECT_EQ(content("Boot0003"), "");
}

TEST_F(firmware, that_cannot_be_told_is_refused_with_the_reason)
{
	auto const why = [this] { return efi_variables::open(files()).error().text; };
	fs::remove_all(folder());
	EXPECT_EQ(why(),
		"opening the variables of the firmware: the kernel does not show them, " + folder()
			+ " is not there");
	fs::remove_all(m_sys / "firmware");
	EXPECT_FALSE(is_started_by_uefi(files()));
	EXPECT_EQ(why(), "opening the variables of the firmware: this machine was not started by UEFI");
}

TEST_F(firmware, whose_variables_are_read_only_is_refused)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	fs::remove_all(folder());
	fs::create_directories(folder());
	test::run_checked({"mount", "-t", "tmpfs", "-o", "size=1M", "none", folder()});
	put("BootOrder", "");
	test::run_checked({"mount", "-o", "remount,ro", folder()});
	auto const opened = efi_variables::open(files());
	test::run_checked({"umount", folder()});
	ASSERT_FALSE(opened);
	EXPECT_EQ(opened.error().kind, fault::target);
	EXPECT_EQ(opened.error().text, "opening the variables of the firmware: " + folder() + " is read-only");
}

TEST_F(firmware, starts_the_fallback_of_its_own_kind)
{
	EXPECT_TRUE(is_started_by_uefi(files()));
#if defined(__x86_64__)
	EXPECT_EQ(fallback_loader(files()), "\\EFI\\BOOT\\BOOTX64.EFI");
	test::write_file(m_sys / "firmware/efi/fw_platform_size", "64\n");
	EXPECT_EQ(fallback_loader(files()), "\\EFI\\BOOT\\BOOTX64.EFI");
	test::write_file(m_sys / "firmware/efi/fw_platform_size", "32\n");
	EXPECT_EQ(fallback_loader(files()), "\\EFI\\BOOT\\BOOTIA32.EFI");
#endif
}

// efibootmgr in the folder: its entries are ours, byte for byte, and it reads what we have written.
TEST_F(firmware, is_told_the_same_as_by_efibootmgr)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("efibootmgr");
	SKIP_WITHOUT("sfdisk");
	test::loop_device const disk(std::uint64_t(8) << 20);
	test::run_sfdisk(disk.path(), "label: gpt\nsize=1M, type=linux\nsize=4M, type=uefi\n");
	auto const efibootmgr = [this](std::vector<std::string> arguments) {
		arguments.insert(arguments.begin(),
			{"env", "LIBEFIVAR_OPS=efivarfs", "EFIVARFS_PATH=" + folder() + "/", "efibootmgr"});
		return test::run_checked(arguments);
	};
	efibootmgr({"--create", "--disk", disk.path(), "--part", "2", "--label", "theirs", "--loader",
		"\\EFI\\BOOT\\BOOTX64.EFI"});
	auto const table = value_of(read_partition_table(disk.path()));
	ASSERT_TRUE(table);
	auto const option =
		make_load_option("theirs", *table, table->partitions.at(1), 512, "\\EFI\\BOOT\\BOOTX64.EFI");
	EXPECT_EQ(content("Boot0001"), "07000000" + to_hex(option));
	auto const theirs = fs::last_write_time(file("Boot0001"));
	EXPECT_EQ(enter({"theirs", option}), "Boot0001");
	EXPECT_EQ(fs::last_write_time(file("Boot0001")), theirs);
	EXPECT_EQ(enter({"ours", make_load_option("ours", *table, table->partitions.at(1), 512, "\\EFI\\a.efi"),
				  true, true}),
		"Boot0003");
	auto const listed = efibootmgr({"--verbose"});
	EXPECT_NE(listed.find("BootNext: 0003\n"), std::string::npos) << listed;
	EXPECT_NE(listed.find("BootOrder: 0003,0001,0002,0000\n"), std::string::npos) << listed;
	EXPECT_NE(listed.find("Boot0003* ours\tHD(2,GPT," + table->partitions.at(1).uuid
				  + ",0x1000,0x2000)/File(\\EFI\\a.efi)"),
		std::string::npos)
		<< listed;
}

} // namespace rawswarm
