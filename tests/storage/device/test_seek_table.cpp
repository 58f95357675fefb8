// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/seek_table.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/random_seed.hpp"
#include "tests/support/base/text_of.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace rawswarm
{

namespace
{

using test::text_of;

constexpr std::uint32_t block = block_size;

// As many blocks as frames, the last one of 100 bytes.
seek_table table_of(std::uint32_t const frames)
{
	seek_table table;
	for (std::uint32_t i = 0; i < frames; ++i)
	{
		table.add(20 + i, i + 1 == frames ? 100 : block);
	}
	return table;
}

result<seek_table> parse(std::string const& bytes, std::uint64_t const preceding)
{
	return seek_table::parse(bytes, preceding);
}

std::string with_number(std::string bytes, std::size_t const at, std::uint32_t number)
{
	for (std::size_t i = 0; i < sizeof(number); ++i)
	{
		bytes.at(at + i) = static_cast<char>(number & 0xff);
		number >>= 8;
	}
	return bytes;
}

TEST(seek_table, bytes_are_those_of_the_published_format)
{
	seek_table table;
	table.add(0x1234, 100);
	EXPECT_EQ(table.encode(),
		std::string("\x5e\x2a\x4d\x18" // the magic number of a skippable frame
					"\x11\0\0\0" // of so many bytes behind this
					"\x34\x12\0\0" // the first frame
					"\x64\0\0\0" // and what it holds
					"\1\0\0\0" // frames
					"\0" // no checksums
					"\xb1\xea\x92\x8f",
			25));
}

TEST(seek_table, is_read_as_it_was_written)
{
	for (std::uint32_t const frames : {1U, 2U, 63U, 64U, 65U, 1000U})
	{
		auto const written = table_of(frames);
		auto const bytes = written.encode();
		EXPECT_EQ(seek_table_length(std::span(bytes).last(seek_table_footer_size)), bytes.size());
		auto const read = parse(bytes, written.compressed());
		ASSERT_TRUE(read) << read.error().text;
		EXPECT_EQ(read.value().frames(), frames);
		EXPECT_EQ(read.value().payload(), std::uint64_t(frames - 1) * block + 100);
		std::uint64_t offset = 0;
		for (std::uint32_t i = 0; i < frames; ++i)
		{
			auto const place = read.value().place(i);
			EXPECT_EQ(place.offset, offset);
			EXPECT_EQ(place.length, 20 + i);
			EXPECT_EQ(place.block_length, i + 1 == frames ? 100 : block);
			offset += place.length;
		}
	}
}

TEST(seek_table, with_checksums_is_read_without_them)
{
	// One frame of 30 bytes for 100, with the checksum that other writers add.
	std::string bytes(
		"\x5e\x2a\x4d\x18\x15\0\0\0\x1e\0\0\0\x64\0\0\0\x01\x02\x03\x04\1\0\0\0\x80\xb1\xea\x92\x8f", 29);
	auto const read = parse(bytes, 30);
	ASSERT_TRUE(read) << read.error().text;
	EXPECT_EQ(read.value().place(0).length, 30U);
	EXPECT_EQ(read.value().payload(), 100U);
}

TEST(seek_table, that_lies_is_refused)
{
	auto const table = table_of(3);
	auto const good = table.encode();
	auto const size = table.compressed();
	constexpr std::size_t second = 16;
	EXPECT_EQ(
		text_of(parse(good, size - 1)), "its seek table lists frames of 63 bytes together, and there are 62");
	EXPECT_EQ(text_of(parse(good.substr(1), size)), "its seek table is damaged");
	EXPECT_EQ(text_of(parse(good + "x", size)), "its seek table is damaged");
	EXPECT_EQ(text_of(parse("", size)), "its seek table is damaged");
	EXPECT_EQ(text_of(parse(with_number(good, 0, 7), size)), "its seek table is damaged");
	EXPECT_EQ(text_of(parse(with_number(good, 4, 7), size)), "its seek table is damaged");
	EXPECT_EQ(text_of(parse(with_number(good, second + 4, 1 << 20), size)),
		"its frame 1 has 21 bytes for 1048576, where a frame for each block of 16384 bytes is needed");
	EXPECT_EQ(text_of(parse(with_number(good, second, 0), size)),
		"its frame 1 has 0 bytes for 16384, where a frame for each block of 16384 bytes is needed");
	EXPECT_EQ(text_of(parse(with_number(good, second, 0x10000), size)),
		"its frame 1 has 65536 bytes for 16384, where a frame for each block of 16384 bytes is needed");
}

// The whole table in parts of so many bytes.
result<seek_table> parse_in_parts(
	std::string const& bytes, std::uint64_t const preceding, std::size_t const part)
{
	BOOST_OUTCOME_TRY(
		reader, seek_table_reader::begin(std::span(bytes).last(seek_table_footer_size), preceding));
	for (std::size_t at = 0; at < bytes.size(); at += part)
	{
		BOOST_OUTCOME_TRYV(reader.take(std::span(bytes).subspan(at, std::min(part, bytes.size() - at))));
	}
	return reader.finish();
}

TEST(seek_table_reader, reads_parts_of_any_length)
{
	auto const table = table_of(100);
	auto const bytes = table.encode();
	for (std::size_t const part :
		{std::size_t(1), std::size_t(7), std::size_t(8), std::size_t(100), bytes.size()})
	{
		auto const read = parse_in_parts(bytes, table.compressed(), part);
		ASSERT_TRUE(read) << part << ": " << read.error().text;
		EXPECT_EQ(read.value().encode(), bytes) << part;
	}
}

TEST(seek_table_reader, knows_the_length_from_the_footer)
{
	auto const bytes = table_of(3).encode();
	auto const reader = seek_table_reader::begin(std::span(bytes).last(seek_table_footer_size), 63);
	ASSERT_TRUE(reader);
	EXPECT_EQ(reader.value().frames(), 3U);
	EXPECT_EQ(reader.value().length(), bytes.size());
}

TEST(seek_table_reader, refuses_what_ends_early_goes_on_or_has_another_footer)
{
	auto const table = table_of(3);
	auto const good = table.encode();
	auto const size = table.compressed();
	constexpr auto damaged = "its seek table is damaged";
	EXPECT_EQ(text_of(parse_in_parts(good.substr(8), size, 5)), damaged);
	EXPECT_EQ(text_of(parse_in_parts(good.substr(0, good.size() - 9) + good, size, 5)), damaged);
	EXPECT_EQ(text_of(parse_in_parts(good + good.substr(good.size() - 9), size, 5)), damaged);

	// as if the file changed while it was read
	auto reader = seek_table_reader::begin(std::span(good).last(seek_table_footer_size), size).value();
	EXPECT_FALSE(reader.take(with_number(good, good.size() - 9, 4)));
	auto cut = seek_table_reader::begin(std::span(good).last(seek_table_footer_size), size).value();
	ASSERT_TRUE(cut.take(std::span(good).first(good.size() - 1)));
	EXPECT_EQ(text_of(cut.finish()), damaged);
}

TEST(seek_table, footer_of_something_else_is_none)
{
	auto const good = table_of(3).encode();
	auto const footer = good.substr(good.size() - seek_table_footer_size);
	EXPECT_TRUE(seek_table_length(footer));
	EXPECT_FALSE(seek_table_length(with_number(footer, 0, 0)));
	EXPECT_FALSE(seek_table_length(with_number(footer, 0, 0xffffffff)));
	EXPECT_FALSE(seek_table_length(with_number(footer, 5, 0x8F92EAB0)));
	EXPECT_FALSE(seek_table_length(footer.substr(1)));
	auto reserved = footer;
	reserved[4] = 4;
	EXPECT_FALSE(seek_table_length(reserved));
}

TEST(seek_table, of_random_bytes_is_refused_or_holds_together)
{
	auto const seed = test::random_seed();
	std::mt19937 random(seed);
	auto const table = table_of(200);
	auto const good = table.encode();
	for (int round = 0; round < 2000; ++round)
	{
		auto bytes = good;
		for (auto changes = 1 + random() % 4; changes > 0; --changes)
		{
			bytes[random() % bytes.size()] = static_cast<char>(random());
		}
		auto const read = parse(bytes, table.compressed());
		if (read)
		{
			auto const& t = read.value();
			auto const last = t.place(t.frames() - 1);
			EXPECT_EQ(last.offset + last.length, table.compressed()) << "seed " << seed;
		}
	}
}

} // namespace

} // namespace rawswarm
