// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/gpt_ends.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace rawswarm
{
namespace
{

using test::value_of;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t sector = 512;
constexpr std::uint64_t disk_size = 64 * mib;

class gpt_of_a_disk : public ::testing::Test
{
protected:
	void make(std::string const& script)
	{
		test::write_sparse_file(m_disk, disk_size);
		test::child_options sfdisk;
		sfdisk.argv = {"sfdisk", "-q", m_disk};
		sfdisk.stdin_text = script;
		ASSERT_EQ(test::run(sfdisk).exit_code, 0);
	}

	std::optional<gpt_parts> read() const
	{
		return value_of(read_gpt(
			[this](device_offset const at, std::span<char> const bytes) -> result<void> {
				std::ranges::copy(test::read_at(m_disk, at.bytes, bytes.size()), bytes.begin());
				return success();
			},
			sector));
	}

	test::temp_dir m_dir;
	std::string m_disk = m_dir / "disk";
};

constexpr auto two_partitions = "label: gpt\nsize=8M\nsize=100000\n";

TEST_F(gpt_of_a_disk, has_the_ends_that_its_tool_has_written)
{
	SKIP_WITHOUT("sfdisk");
	make(two_partitions);
	auto const table = read();
	ASSERT_TRUE(table);
	constexpr std::uint64_t sectors = disk_size / sector;
	gpt_ends const expected{sectors - 1, sectors - 1, sectors - 34, 2048 + 16384 + 100000 - 1};
	EXPECT_EQ(ends_of(*table), expected);
	EXPECT_EQ(table->copy_length(), 33 * sector);
	auto const copy = copy_of(*table);
	EXPECT_EQ(copy.at.bytes, disk_size - 33 * sector);
	EXPECT_EQ(copy.bytes, test::read_at(m_disk, copy.at.bytes, 33 * sector));
}

TEST_F(gpt_of_a_disk, becomes_that_of_a_smaller_disk_and_back_again_to_the_byte)
{
	SKIP_WITHOUT("sfdisk");
	make(two_partitions);
	auto const before = *read();
	auto table = before;
	auto const ends = ends_on(table, 40 * mib / sector);
	ASSERT_TRUE(ends);
	EXPECT_EQ(ends->last_usable, 40 * mib / sector - 34);
	EXPECT_EQ(ends->last_partition, ends->last_usable);
	set_ends(table, *ends);
	EXPECT_EQ(ends_of(table), *ends);

	test::write_sparse_file(m_disk, 40 * mib);
	auto const copy = copy_of(table);
	test::write_at(m_disk, 0, table.start);
	test::write_at(m_disk, table.entries_at.bytes, table.entries);
	test::write_at(m_disk, copy.at.bytes, copy.bytes);
	EXPECT_EQ(copy.at.bytes + copy.bytes.size(), 40 * mib);
	EXPECT_TRUE(read()) << "its checksums are right";

	set_ends(table, ends_of(before));
	EXPECT_EQ(table.start, before.start);
	EXPECT_EQ(table.entries, before.entries);
}

TEST_F(gpt_of_a_disk, fits_as_long_as_its_last_partition_begins_on_the_disk)
{
	SKIP_WITHOUT("sfdisk");
	make("label: gpt\nstart=2048, size=8M\nstart=40960, size=4M\nstart=20480, size=8M\n");
	auto const table = *read();
	EXPECT_TRUE(ends_on(table, 40960 + 34));
	EXPECT_FALSE(ends_on(table, 40960 + 33));
	EXPECT_FALSE(ends_on(table, 33));
	EXPECT_EQ(ends_on(table, disk_size / sector - 1)->last_partition, ends_of(table).last_partition)
		<< "it need not shrink";
}

TEST_F(gpt_of_a_disk, without_partitions_fits_wherever_its_copy_does)
{
	SKIP_WITHOUT("sfdisk");
	make("label: gpt\n");
	auto table = *read();
	EXPECT_EQ(ends_of(table).last_partition, 0U);
	auto const ends = ends_on(table, 4096);
	ASSERT_TRUE(ends);
	set_ends(table, *ends);
	EXPECT_EQ(ends_of(table), *ends);
}

TEST_F(gpt_of_a_disk, is_none_with_a_checksum_that_is_wrong)
{
	SKIP_WITHOUT("sfdisk");
	make(two_partitions);
	test::write_at(m_disk, 2 * sector + 60, "x");
	EXPECT_FALSE(read()) << "an entry was changed";
	make(two_partitions);
	test::write_at(m_disk, sector + 80, "x");
	EXPECT_FALSE(read()) << "the header was";
	make("label: dos\nsize=8M\n");
	EXPECT_FALSE(read());
}

} // namespace
} // namespace rawswarm
