// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/gpt_place.hpp"

#include <boost/crc.hpp>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace rawswarm
{

namespace
{

template <class T>
void put(std::string& bytes, std::size_t const at, T const value)
{
	std::memcpy(bytes.data() + at, &value, sizeof value); // little-endian, as the machines of the tests are
}

// The start of a disk whose GPT counts in sectors of so many bytes.
std::string disk_with_gpt(std::size_t const sector)
{
	std::string header(92, '\0');
	header.replace(0, 8, "EFI PART");
	put(header, 12, std::uint32_t(92));
	put(header, 24, std::uint64_t(1));
	boost::crc_32_type crc;
	crc.process_bytes(header.data(), header.size());
	put(header, 16, crc.checksum());
	std::string disk(gpt_reach, '\0');
	disk.replace(sector, header.size(), header);
	return disk;
}

} // namespace

TEST(gpt_place, a_table_is_found_where_its_sectors_put_it_whatever_was_likely)
{
	for (std::uint64_t const sector : {512U, 4096U})
	{
		for (std::uint64_t const likely : {512U, 4096U})
		{
			EXPECT_EQ(gpt_sector(disk_with_gpt(sector), likely), sector);
		}
	}
}

TEST(gpt_place, of_two_tables_the_likely_one_counts)
{
	auto disk = disk_with_gpt(512);
	disk.replace(4096, 512, disk_with_gpt(4096).substr(4096, 512));
	EXPECT_EQ(gpt_sector(disk, 512), 512U);
	EXPECT_EQ(gpt_sector(disk, 4096), 4096U);
}

TEST(gpt_place, a_header_with_a_wrong_checksum_is_none)
{
	auto disk = disk_with_gpt(512);
	disk[512 + 40] = 'x';
	EXPECT_FALSE(gpt_sector(disk, 512));
}

TEST(gpt_place, a_disk_that_is_too_small_has_none)
{
	auto const disk = disk_with_gpt(512);
	for (std::size_t size = 0; size < 1024; ++size)
	{
		EXPECT_FALSE(gpt_sector({disk.data(), size}, 512)) << size;
	}
}

TEST(gpt_place, a_boot_signature_ends_the_first_sector)
{
	std::string sector(512, '\0');
	EXPECT_FALSE(has_boot_signature(sector));
	sector[510] = '\x55';
	sector[511] = '\xaa';
	EXPECT_TRUE(has_boot_signature(sector));
	EXPECT_FALSE(has_boot_signature({sector.data(), 511}));
}

} // namespace rawswarm
