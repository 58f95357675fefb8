// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/block_frame.hpp"
#include "storage/device/piece_seal.hpp"
#include "tests/support/base/random_bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace rawswarm
{
namespace
{

using namespace std::string_view_literals;
using test::random_bytes;

// zstd ends a frame with the lower half of its content's XXH64 (RFC 8878, 3.1.1).
std::uint32_t checksum_by_zstd(std::string const& content)
{
	frame_writer writer(lowest_compression_level);
	std::string frame;
	writer.append(frame, content);
	std::uint32_t sum = 0;
	std::memcpy(&sum, frame.data() + frame.size() - sizeof(sum), sizeof(sum));
	return sum;
}

TEST(piece_seal, is_the_checksum_that_zstd_writes)
{
	for (std::size_t const length :
		{1U, 3U, 4U, 7U, 8U, 12U, 31U, 32U, 33U, 63U, 64U, 100U, 4096U, 16384U, 16399U})
	{
		auto const bytes = random_bytes(length, length);
		EXPECT_EQ(static_cast<std::uint32_t>(seal_of(bytes)), checksum_by_zstd(bytes)) << length;
	}
}

TEST(piece_seal, of_nothing_is_that_of_the_format)
{
	EXPECT_EQ(seal_of({}), 0xEF46DB3751D8E999);
}

// Values that xxHash's other implementations print in their manuals.
TEST(piece_seal, of_a_few_words_is_what_others_compute)
{
	EXPECT_EQ(seal_of("a"sv), 0xD24EC4F1A98C6E5B);
	EXPECT_EQ(seal_of("abc"sv), 0x44BC2CF5AD770999);
	EXPECT_EQ(seal_of("Nobody inspects the spammish repetition"sv), 0xFBCEA83C8A378BF1);
}

TEST(piece_seal, of_parts_is_that_of_the_whole)
{
	auto const bytes = random_bytes(1, 1000);
	for (std::size_t const part : {1U, 5U, 31U, 32U, 33U, 500U})
	{
		seal_sum sum;
		for (std::size_t at = 0; at < bytes.size(); at += part)
		{
			sum.update({bytes.data() + at, std::min(part, bytes.size() - at)});
		}
		EXPECT_EQ(sum.value(), seal_of(bytes)) << part;
	}
}

} // namespace
} // namespace rawswarm
