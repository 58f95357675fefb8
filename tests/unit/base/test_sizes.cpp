// SPDX-License-Identifier: BSD-3-Clause
#include "base/bytes.hpp"
#include "base/format_duration.hpp"
#include "base/format_size.hpp"
#include "base/parse_size.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace rawswarm
{
namespace
{

constexpr auto largest = std::numeric_limits<std::int64_t>::max();

TEST(sizes, literals_are_powers_of_1024)
{
	constexpr std::size_t block = 16_KiB;
	EXPECT_EQ(block, 16384u);
	EXPECT_EQ(1_MiB, 1024 * 1024);
	EXPECT_EQ(4_GiB, std::int64_t(4) << 30);
	EXPECT_EQ(8_TiB, std::int64_t(8) << 40);
}

TEST(sizes, all_spellings_of_a_size_are_one_size)
{
	for (auto const* text : {"67108864", "67108864B", "67108864 B", "65536K", "65536k", "65536KiB", "64M",
			 "64m", "64Mi", "64mi", "64MiB", "64mib", "64 M", "64 MiB", "0064M"})
	{
		EXPECT_EQ(parse_size(text), 64_MiB) << text;
	}
	EXPECT_EQ(parse_size("0"), 0);
	EXPECT_EQ(parse_size("3G"), 3_GiB);
	EXPECT_EQ(parse_size("2 TiB"), 2_TiB);
}

TEST(sizes, what_is_no_size_is_refused)
{
	for (auto const* text : {"", " ", "M", "MiB", "1.5G", "1,5G", "-1", "+1", " 1", "1 ", "1  M", "1\tM",
			 "1M ", "0x400000", "64MB", "64kb", "64GB", "1TB", "64Mb", "64P", "64MM", "64MiBs", "64iB",
			 "64 i", "1M1", "64%", "sixty"})
	{
		EXPECT_EQ(parse_size(text), std::nullopt) << text;
	}
}

TEST(sizes, a_size_past_64_bits_is_refused)
{
	EXPECT_EQ(parse_size("9223372036854775807"), largest);
	EXPECT_EQ(parse_size("9223372036854775808"), std::nullopt);
	EXPECT_EQ(parse_size("99999999999999999999999"), std::nullopt);
	EXPECT_EQ(parse_size("8388607T"), 8388607_TiB);
	EXPECT_EQ(parse_size("8388608T"), std::nullopt);
	EXPECT_EQ(parse_size("9007199254740991K"), 9007199254740991_KiB);
	EXPECT_EQ(parse_size("9007199254740992K"), std::nullopt);
}

TEST(sizes, are_shown_with_one_decimal_and_binary_units)
{
	EXPECT_EQ(format_size(-5), "0 B");
	EXPECT_EQ(format_size(0), "0 B");
	EXPECT_EQ(format_size(1023), "1023 B");
	EXPECT_EQ(format_size(1024), "1.0 KiB");
	EXPECT_EQ(format_size(1_MiB - 1), "1.0 MiB");
	EXPECT_EQ(format_size(1_GiB + 512_MiB), "1.5 GiB");
	EXPECT_EQ(format_size(largest), "8192.0 PiB");
}

TEST(durations, are_shown_with_two_units)
{
	using namespace std::chrono_literals;
	EXPECT_EQ(format_duration(-1s), "0s");
	EXPECT_EQ(format_duration(50s), "50s");
	EXPECT_EQ(format_duration(470s), "7m50s");
	EXPECT_EQ(format_duration(7500s), "2h05m");
}

} // namespace
} // namespace rawswarm
