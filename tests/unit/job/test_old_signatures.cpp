// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/old_signatures.hpp"

#include <gtest/gtest.h>
#include <libtorrent/file_storage.hpp>

#include <utility>

namespace rawswarm
{

namespace
{

extent_map extents_at(std::vector<std::pair<std::uint64_t, std::uint64_t>> const& ranges)
{
	lt::file_storage files;
	files.set_piece_length(16 * 1024);
	for (auto const& [offset, length] : ranges)
	{
		files.add_file(fmt::format("disk/{:#x}", offset), static_cast<std::int64_t>(length));
	}
	return extent_map::build(files).value();
}

std::vector<signature> const found{
	{"ext4", {0x438}, 2, false},
	{"gpt", {0x200}, 8, true},
	{"btrfs", {0x10040}, 8, false},
	{"linux_raid_member", {0x9ffe000}, 4, false},
};

} // namespace

TEST(old_signatures, what_the_image_wrote_is_its_own_and_the_rest_is_old)
{
	auto const old = old_signatures(found, extents_at({{0, 0x1000}, {0x20000, 0x1000}}), {});
	EXPECT_EQ(old, (std::vector<signature>{found[2], found[3]}));
}

TEST(old_signatures, a_signature_that_an_extent_has_a_byte_of_is_not_old)
{
	EXPECT_EQ(old_signatures({found[2]}, extents_at({{0, 1}, {0x10047, 1}}), {}), std::vector<signature>());
	EXPECT_EQ(old_signatures({found[2]}, extents_at({{0, 0x10041}}), {}), std::vector<signature>());
	EXPECT_EQ(old_signatures({found[2]}, extents_at({{0, 0x10040}, {0x10048, 1}}), {}),
		std::vector<signature>{found[2]});
}

TEST(old_signatures, what_lies_in_a_partition_of_the_image_is_left_alone)
{
	partition_table table;
	auto& partition = table.partitions.emplace_back();
	partition.offset = 0x10000;
	partition.length = 0x1000;
	EXPECT_EQ(old_signatures(found, extents_at({{0, 0x1000}}), table), (std::vector<signature>{found[3]}));
}

// A part of a device is not the device: what it does not write belongs to somebody.
TEST(old_signatures, an_image_that_neither_begins_the_device_nor_brings_a_signature_makes_nothing_old)
{
	EXPECT_EQ(old_signatures(found, extents_at({{0x20000, 0x1000}}), {}), std::vector<signature>());
	EXPECT_EQ(old_signatures(found, extents_at({{0x400, 0x1000}}), {}),
		(std::vector<signature>{found[2], found[3]}));
}

TEST(old_signatures, copies_of_one_are_counted_in_messages)
{
	EXPECT_EQ(describe({}), "");
	EXPECT_EQ(describe({{"btrfs", {0x10040}, 8, false}, {"zfs_member", {0x3f000}, 8, false},
				  {"zfs_member", {0x3e000}, 8, false}, {"zfs_member", {0x3d000}, 8, false}}),
		"btrfs at 0x10040, zfs_member at 0x3f000 and 2 other places");
}

} // namespace rawswarm
