// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/byte_range.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

constexpr std::uint64_t size = 1000;

void expect_part(std::string_view header, std::uint64_t offset, std::uint64_t bytes)
{
	auto const range = parse_byte_range(header, size);
	EXPECT_EQ(range.kind, range_kind::part) << header;
	EXPECT_EQ(range.offset, offset) << header;
	EXPECT_EQ(range.bytes, bytes) << header;
}

range_kind kind_of(std::string_view header, std::uint64_t of = size)
{
	return parse_byte_range(header, of).kind;
}

} // namespace

TEST(byte_range, a_range_has_its_first_and_its_last_byte)
{
	expect_part("bytes=0-0", 0, 1);
	expect_part("bytes=10-19", 10, 10);
	expect_part("Bytes= 990-999 ", 990, 10);
}

TEST(byte_range, a_range_without_an_end_goes_to_that_of_the_file)
{
	expect_part("bytes=0-", 0, size);
	expect_part("bytes=999-", 999, 1);
}

TEST(byte_range, a_range_without_a_beginning_is_the_end_of_the_file)
{
	expect_part("bytes=-1", 999, 1);
	expect_part("bytes=-5000", 0, size);
}

TEST(byte_range, an_end_behind_that_of_the_file_is_the_end_of_the_file)
{
	expect_part("bytes=990-1000", 990, 10);
	expect_part("bytes=990-99999999999999999999999999", 990, 10);
}

TEST(byte_range, what_begins_behind_the_end_is_not_there)
{
	EXPECT_EQ(kind_of("bytes=1000-"), range_kind::outside);
	EXPECT_EQ(kind_of("bytes=1000-1001"), range_kind::outside);
	EXPECT_EQ(kind_of("bytes=99999999999999999999999999-"), range_kind::outside);
	EXPECT_EQ(kind_of("bytes=-0"), range_kind::outside);
	EXPECT_EQ(kind_of("bytes=0-0", 0), range_kind::outside);
	EXPECT_EQ(kind_of("bytes=-1", 0), range_kind::outside);
}

TEST(byte_range, everything_else_means_the_whole_file)
{
	for (auto const* const header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=2-1",
			 "bytes=0-1,5-6", "bytes=-1-2", "bytes=+1-2", "bytes=0x1-2", "bytes=1 - 2", "items=0-1", "0-1"})
	{
		EXPECT_EQ(kind_of(header), range_kind::whole) << header;
	}
}

} // namespace rawswarm
