// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_image.hpp"
#include "base/parse_number.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/compressed_payload.hpp"
#include "tests/support/network/loopback_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace rawswarm
{
namespace
{

using test::compressed_payload;
using test::loopback_server;
using test::random_bytes;
using test::reply;

constexpr std::uint64_t block = block_size;

// A byte of a file of this size that has the file's bytes at both ends, and zeros between them if it is
// longer.
char byte_at(std::string const& file, std::uint64_t const size, std::uint64_t const at)
{
	constexpr std::uint64_t start = 4;
	auto const skip = size - file.size();
	if (skip == 0 || at < start)
	{
		return file.at(at);
	}
	return at < skip + start ? '\0' : file.at(at - skip);
}

// Answers ranges of such a file.
test::reply_maker ranges_of(std::string file, std::uint64_t const size)
{
	return [file = std::move(file), size](test::http_request const& request) {
		auto range = request["Range"];
		range.remove_prefix(std::string_view("bytes=").size());
		std::string_view text(range.data(), range.size());
		auto const begin = *take_number<std::uint64_t>(text);
		text.remove_prefix(1);
		auto const end = std::min(*take_number<std::uint64_t>(text) + 1, size);
		if (begin >= end)
		{
			return test::empty_reply("416 Range Not Satisfiable");
		}
		std::string body;
		for (auto i = begin; i < end; ++i)
		{
			body += byte_at(file, size, i);
		}
		return reply{fmt::format("HTTP/1.1 206 Partial Content\r\nConnection: close\r\n"
								 "Content-Range: bytes {}-{}/{}\r\nContent-Length: {}\r\n\r\n{}",
			begin, end - 1, size, body.size(), body)};
	};
}

struct looked
{
	web_image image;
	std::size_t arrived = 0;
	std::size_t requests = 0;
};

looked look(std::string const& file, std::uint64_t const payload, std::uint64_t const size)
{
	loopback_server const server(ranges_of(file, size));
	looked out;
	web_seed_connection connection(system_lookup, [&](std::size_t const bytes) { out.arrived += bytes; });
	out.image = look_for_image(connection, test::value_of(parse_url(server.url("/disk.zst"))), payload);
	out.requests = server.requests().size();
	return out;
}

looked look(std::string const& file, std::uint64_t const payload)
{
	return look(file, payload, file.size());
}

::testing::AssertionResult is_refused(looked const& found, std::string const& why)
{
	if (found.image.table || !found.image.failure || !found.image.failure->lasting
		|| found.image.failure->text != "asking for /disk.zst: " + why)
	{
		return ::testing::AssertionFailure()
			<< (found.image.failure ? found.image.failure->text : "no failure");
	}
	return ::testing::AssertionSuccess();
}

struct got
{
	std::string bytes;
	std::optional<web_failure> failure;
	std::size_t unpacked = 0;
	std::string frames;
};

got get(std::string const& file, seek_table const& table, payload_range const wanted)
{
	loopback_server const server(ranges_of(file, file.size()));
	web_seed_connection connection(system_lookup, [](std::size_t) {});
	got out;
	out.bytes.resize(wanted.length, '?');
	out.failure = get_payload(connection, test::value_of(parse_url(server.url("/disk.zst"))), table, wanted,
		out.bytes, [&](frame_run const& run, std::span<char const> const frames) {
			out.unpacked += run.wanted.length;
			out.frames.append(frames.begin(), frames.end());
		});
	return out;
}

} // namespace

TEST(web_seed_image, is_known_by_its_content_and_its_table_is_read)
{
	compressed_payload const image(100 * block - 1000);
	auto const found = look(image.file(), image.payload.size());
	ASSERT_TRUE(found.image.table) << (found.image.failure ? found.image.failure->text : "none");
	EXPECT_EQ(found.image.table->encode(), image.table.encode());
	EXPECT_EQ(found.arrived, 4 + seek_table_footer_size + image.table.encode().size());
	EXPECT_EQ(found.requests, 3U);
}

// 40,000 blocks: the table has more than 256 KiB.
TEST(web_seed_image, has_its_table_read_in_parts)
{
	seek_table table;
	frame_writer writer(1);
	std::string frames;
	auto const length = static_cast<std::uint32_t>(writer.append(frames, std::string(block, 'a')));
	std::string const frame = frames;
	frames.clear();
	for (int i = 0; i < 40'000; ++i)
	{
		frames += frame;
		table.add(length, block_size);
	}
	auto const found = look(frames + table.encode(), 40'000 * block);
	ASSERT_TRUE(found.image.table) << (found.image.failure ? found.image.failure->text : "none");
	EXPECT_EQ(found.image.table->place(39'999).offset, 39'999 * std::uint64_t(length));
	EXPECT_EQ(found.requests, 4U);
}

TEST(web_seed_image, is_not_seen_in_other_bytes)
{
	for (auto const& file : {random_bytes(3, 100'000), std::string("abc"), std::string()})
	{
		auto const found = look(file, 100'000);
		EXPECT_FALSE(found.image.table);
		EXPECT_FALSE(found.image.failure);
		EXPECT_LE(found.arrived, 4U);
	}
}

TEST(web_seed_image, that_was_cut_off_or_lies_or_is_of_another_torrent_is_refused_by_name)
{
	compressed_payload const image(100 * block - 1000);
	auto const whole = image.file();
	auto const size = image.payload.size();
	auto const without_table =
		"compressed by zstd, without a seek table: cut off, or not made by rawswarm create --compress";
	EXPECT_TRUE(is_refused(look(whole.substr(0, whole.size() / 2), size), without_table));
	EXPECT_TRUE(is_refused(look(whole.substr(0, whole.size() - 1), size), without_table));
	EXPECT_TRUE(is_refused(look(whole.substr(0, 6), size), without_table));
	EXPECT_TRUE(
		is_refused(look(whole, size - 1), fmt::format("it holds {} bytes, the torrent {}", size, size - 1)));
	EXPECT_TRUE(is_refused(look(whole, size + block), "it holds 100 blocks, the torrent 101"));
	EXPECT_TRUE(is_refused(look(whole.substr(0, 1000) + whole, size),
		fmt::format("its seek table lists frames of {} bytes together, and there are {}", image.frames.size(),
			image.frames.size() + 1000)));
	EXPECT_TRUE(
		is_refused(look(whole.substr(0, 10) + whole.substr(whole.size() - seek_table_footer_size), size),
			"its seek table is damaged"));

	auto lie = whole;
	lie[image.frames.size() + 8 + 8 + 4] = 1; // what the second frame is said to hold
	EXPECT_TRUE(is_refused(look(lie, size),
		fmt::format("its frame 1 has {} bytes for {}, where a frame for each block of 16384 bytes is needed",
			image.table.place(1).length, 16384 + 1)));
	lie = whole;
	lie[image.frames.size()] = 1; // the magic number of the table
	EXPECT_TRUE(is_refused(look(lie, size), "its seek table is damaged"));
}

// A table for 2 TiB would be 1 GiB over the network and 256 MiB in memory.
TEST(web_seed_image, that_claims_a_huge_table_is_refused_before_the_table_is_read)
{
	compressed_payload const image(3 * block);
	auto file = image.file();
	std::string const frames("\0\0\0\x08", 4); // 2^27
	file.replace(file.size() - seek_table_footer_size, frames.size(), frames);
	auto const found = look(file, 3 * block, std::uint64_t(1) << 32);
	EXPECT_TRUE(is_refused(found, "it holds 134217728 blocks, the torrent 3"));
	EXPECT_LE(found.arrived, 4 + seek_table_footer_size);
}

TEST(web_seed_image, that_a_server_cannot_deliver_now_is_asked_for_again)
{
	compressed_payload const image(3 * block);
	auto const whole = image.file();
	for (std::size_t const good : {0U, 1U, 2U})
	{
		std::size_t asked = 0;
		auto const ranges = ranges_of(whole, whole.size());
		loopback_server const server([&](test::http_request const& request) {
			return asked++ < good ? ranges(request) : test::empty_reply("503 Service Unavailable");
		});
		web_seed_connection connection(system_lookup, [](std::size_t) {});
		auto const found = look_for_image(
			connection, test::value_of(parse_url(server.url("/disk.zst"))), image.payload.size());
		EXPECT_FALSE(found.table);
		ASSERT_TRUE(found.failure) << good;
		EXPECT_FALSE(found.failure->lasting) << good;
	}
}

TEST(web_seed_image, gives_any_range_of_its_payload)
{
	compressed_payload const image(400 * block - 1000);
	for (auto const& range : {payload_range{0, 64 * block}, payload_range{63 * block, 2 * block},
			 payload_range{100, 1}, payload_range{block - 1, 2}, payload_range{0, image.payload.size()},
			 payload_range{399 * block, block - 1000}})
	{
		auto const found = get(image.file(), image.table, range);
		ASSERT_FALSE(found.failure) << found.failure->text;
		EXPECT_TRUE(found.bytes == image.payload.substr(range.begin, range.length)) << range.begin;
		EXPECT_EQ(found.unpacked, range.length);
	}
}

TEST(web_seed_image, with_a_damaged_frame_is_refused_with_its_place)
{
	compressed_payload const image(10 * block);
	auto const place = image.table.place(2);
	auto file = image.file();
	file[place.offset + 100] ^= 1;
	auto const found = get(file, image.table, {0, 10 * block});
	ASSERT_TRUE(found.failure);
	EXPECT_TRUE(found.failure->lasting);
	EXPECT_TRUE(found.failure->text.starts_with(
		fmt::format("reading /disk.zst at {:#x}: the frame is damaged", place.offset)))
		<< found.failure->text;
	EXPECT_FALSE(get(file, image.table, {5 * block, 5 * block}).failure);
}

TEST(web_seed_image, that_shrank_after_its_table_was_read_is_refused)
{
	compressed_payload const image(10 * block);
	auto const found = get(image.frames.substr(0, image.frames.size() - 1), image.table, {0, 10 * block});
	ASSERT_TRUE(found.failure);
	EXPECT_TRUE(found.failure->lasting);
	EXPECT_TRUE(found.failure->text.find("the server sent another range") != std::string::npos)
		<< found.failure->text;
}

} // namespace rawswarm
