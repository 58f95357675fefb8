// SPDX-License-Identifier: BSD-3-Clause
// Load options as efibootmgr of Debian 12 makes them: recorded from
//     efibootmgr --create --disk DISK --part 1 --label LABEL --loader LOADER
// without the attributes of the variable.
#include "agent/machine/load_option.hpp"
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm
{
namespace
{

partition_table gpt_with(table_partition partition)
{
	return {"gpt", "11111111-2222-3333-4444-555555555555", {std::move(partition)}};
}

// 16 MiB behind the first.
table_partition system_partition(std::string uuid)
{
	table_partition p;
	p.number = 1;
	p.offset = 1048576;
	p.length = 16777216;
	p.uuid = std::move(uuid);
	return p;
}

} // namespace

TEST(load_option, of_a_gpt_has_the_bytes_that_efibootmgr_makes)
{
	auto const partition = system_partition("c0ffee00-1234-5678-9abc-def012345678");
	EXPECT_EQ(to_hex(make_load_option(
				  "rawswarm", gpt_with(partition), partition, 512, "\\EFI\\debian\\shimx64.efi")),
		"01000000620072006100770073007700610072006d00000004012a0001000000000800000000000000800000"
		"0000000000eeffc0341278569abcdef0123456780202040434005c004500460049005c006400650062006900"
		"61006e005c007300680069006d007800360034002e0065006600690000007fff0400");
}

TEST(load_option, of_an_mbr_has_the_bytes_that_efibootmgr_makes)
{
	auto const partition = system_partition("1badf00d-01");
	partition_table const table{"dos", "0x1badf00d", {partition}};
	EXPECT_EQ(to_hex(make_load_option("rawswarm2", table, partition, 512, "\\EFI\\BOOT\\BOOTX64.EFI")),
		"010000005e0072006100770073007700610072006d003200000004012a000100000000080000000000000080"
		"0000000000000df0ad1b0000000000000000000000000101040430005c004500460049005c0042004f004f00"
		"54005c0042004f004f0054005800360034002e0045004600490000007fff0400");
}

TEST(load_option, counts_in_the_sectors_of_the_disk)
{
	auto const partition = system_partition("c0ffee00-1234-5678-9abc-def012345678");
	EXPECT_EQ(to_hex(make_load_option("4k", gpt_with(partition), partition, 4096, "\\a.efi")),
		"01000000400034006b00000004012a00010000000001000000000000001000000000000000eeffc034127856"
		"9abcdef0123456780202040412005c0061002e0065006600690000007fff0400");
}

TEST(load_option, is_known_by_all_of_its_label)
{
	auto const partition = system_partition("c0ffee00-1234-5678-9abc-def012345678");
	auto const option = make_load_option("Debian 12", gpt_with(partition), partition, 512, "\\a.efi");
	EXPECT_TRUE(has_label(option, "Debian 12"));
	EXPECT_FALSE(has_label(option, "Debian"));
	EXPECT_FALSE(has_label(option, "Debian 123"));
	EXPECT_FALSE(has_label(option, "debian 12"));
	EXPECT_FALSE(has_label("", "Debian"));
	EXPECT_FALSE(has_label(std::string_view("\1\0\0\0\0\0", 6), ""));
}

} // namespace rawswarm
