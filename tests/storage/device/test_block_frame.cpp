// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/block_frame.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/random_seed.hpp"
#include "tests/support/base/text_of.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace rawswarm
{

namespace
{

using test::random_bytes;
using test::text_of;

constexpr int level = 3;

std::string text_block(std::size_t const length)
{
	std::string block;
	while (block.size() < length)
	{
		block += "line " + std::to_string(block.size() / 7) + " of a file\n";
	}
	block.resize(length);
	return block;
}

std::string frame_of(std::string const& block)
{
	std::string frame;
	EXPECT_GT(frame_writer(level).append(frame, block), 0U);
	return frame;
}

result<void> unpack(std::string const& frame, std::size_t const length, std::string& block)
{
	// a guard behind the block, which must stay as it is
	block.assign(length + 64, '\x5a');
	auto done = frame_reader().unpack(frame, std::span(block).first(length));
	EXPECT_EQ(block.substr(length), std::string(64, '\x5a'));
	block.resize(length);
	return done;
}

TEST(block_frame, is_unpacked_to_the_block)
{
	for (auto const& block : {text_block(block_size), random_bytes(1, block_size),
			 std::string(block_size, '\0'), text_block(1), random_bytes(2, 7000)})
	{
		std::string found;
		auto const done = unpack(frame_of(block), block.size(), found);
		EXPECT_TRUE(done) << done.error().text;
		EXPECT_EQ(found, block);
	}
}

TEST(block_frame, shrinks_what_can_be_shrunk_and_little_is_added_to_the_rest)
{
	EXPECT_LT(frame_of(text_block(block_size)).size(), std::size_t(block_size) / 3);
	EXPECT_LT(frame_of(random_bytes(3, block_size)).size(), std::size_t(block_size) + 32);
}

TEST(block_frame, frames_are_appended_and_the_same_again)
{
	std::string both;
	frame_writer writer(level);
	auto const first = writer.append(both, text_block(block_size));
	auto const second = writer.append(both, text_block(block_size));
	EXPECT_EQ(first + second, both.size());
	EXPECT_EQ(both.substr(0, first), both.substr(first));
}

TEST(block_frame, is_of_the_level_that_was_set_last)
{
	auto const block = text_block(block_size);
	frame_writer writer(lowest_compression_level);
	std::string lowest;
	writer.append(lowest, block);
	writer.set_level(level);
	std::string frame;
	writer.append(frame, block);
	EXPECT_EQ(frame, frame_of(block));
	EXPECT_NE(frame, lowest);
}

TEST(block_frame, of_another_length_is_refused)
{
	auto const frame = frame_of(text_block(8000));
	std::string block;
	EXPECT_EQ(
		text_of(unpack(frame, 8001, block), fault::refused), "the frame holds 8000 bytes and its block 8001");
	EXPECT_NE(text_of(unpack(frame, 7999, block), fault::refused), "fine");
	EXPECT_NE(text_of(unpack(frame.substr(0, frame.size() - 1), 8000, block), fault::refused), "fine");
	EXPECT_EQ(text_of(unpack(frame + "x", 8000, block), fault::refused),
		"the frame ends after " + std::to_string(frame.size()) + " of its " + std::to_string(frame.size() + 1)
			+ " bytes");
	EXPECT_NE(text_of(unpack("", 8000, block), fault::refused), "fine");
}

TEST(block_frame, that_claims_a_gigabyte_is_refused_without_taking_it)
{
	// a frame of zeros, made by the same library without a limit on its length
	std::string frame;
	frame_writer(level).append(frame, std::string(64 << 20, '\0'));
	ASSERT_LT(frame.size(), 10000U);
	std::string block;
	EXPECT_NE(text_of(unpack(frame, block_size, block), fault::refused), "fine");
}

TEST(block_frame, with_a_bit_changed_is_refused_or_the_same)
{
	auto const seed = test::random_seed();
	std::mt19937 random(seed);
	auto const block = text_block(block_size);
	auto const good = frame_of(block);
	for (int round = 0; round < 1000; ++round)
	{
		auto frame = good;
		auto& wrong = frame[random() % frame.size()];
		wrong = static_cast<char>(static_cast<unsigned char>(wrong) ^ 1U << random() % 8);
		std::string found;
		if (unpack(frame, block.size(), found))
		{
			EXPECT_EQ(found, block) << "seed " << seed;
		}
	}
}

} // namespace

} // namespace rawswarm
