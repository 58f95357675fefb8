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
	if (found.image.frames || !found.image.failure || !found.image.failure->lasting
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

got get(std::string const& file, web_frames const& frames, web_payload const& wanted)
{
	loopback_server const server(ranges_of(file, file.size()));
	web_seed_connection connection(system_lookup, [](std::size_t) {});
	got out;
	out.bytes.resize(wanted.range.length, '?');
	out.failure = get_payload(connection, test::value_of(parse_url(server.url("/disk.zst"))), frames, wanted,
		out.bytes, [&](std::span<char const> const frame, std::size_t const length) {
			out.unpacked += length;
			out.frames.append(frame.begin(), frame.end());
		});
	return out;
}

web_frames by_table(compressed_payload const& image)
{
	return {std::make_shared<seek_table const>(image.table), nullptr};
}

constexpr std::uint64_t blocks_in_piece = 100;

std::shared_ptr<frame_lengths const> lengths_of(compressed_payload const& image)
{
	std::vector<std::uint32_t> pieces;
	for (std::uint64_t b = 0; b < image.table.frames(); ++b)
	{
		if (b % blocks_in_piece == 0)
		{
			pieces.push_back(0);
		}
		pieces.back() += image.table.place(b).length;
	}
	return std::make_shared<frame_lengths const>(pieces);
}

web_frames by_lengths(compressed_payload const& image)
{
	return {nullptr, lengths_of(image)};
}

web_payload piece_of(compressed_payload const& image, std::size_t const piece)
{
	auto const begin = piece * blocks_in_piece * block;
	return {piece, {begin, std::min(blocks_in_piece * block, image.payload.size() - begin)}};
}

} // namespace

TEST(web_seed_image, is_known_by_its_content_and_its_table_is_read)
{
	compressed_payload const image(100 * block - 1000);
	auto const found = look(image.file(), image.payload.size());
	ASSERT_TRUE(found.image.frames.table) << (found.image.failure ? found.image.failure->text : "none");
	EXPECT_EQ(found.image.frames.table->encode(), image.table.encode());
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
	ASSERT_TRUE(found.image.frames.table) << (found.image.failure ? found.image.failure->text : "none");
	EXPECT_EQ(found.image.frames.table->place(39'999).offset, 39'999 * std::uint64_t(length));
	EXPECT_EQ(found.requests, 4U);
}

TEST(web_seed_image, is_not_seen_in_other_bytes)
{
	for (auto const& file : {random_bytes(3, 100'000), std::string("abc"), std::string()})
	{
		auto const found = look(file, 100'000);
		EXPECT_FALSE(found.image.frames.table);
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
		EXPECT_FALSE(found.frames);
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
		auto const found = get(image.file(), by_table(image), {0, range});
		ASSERT_FALSE(found.failure) << found.failure->text;
		EXPECT_TRUE(found.bytes == image.payload.substr(range.begin, range.length)) << range.begin;
		auto const begin = range.begin / block * block;
		auto const end = (range.begin + range.length + block - 1) / block * block;
		EXPECT_EQ(found.unpacked, std::min<std::uint64_t>(end, image.payload.size()) - begin);
		EXPECT_EQ(image.file().find(found.frames), image.table.place(begin / block).offset);
	}
}

TEST(web_seed_image, with_a_damaged_frame_is_refused_with_its_place)
{
	compressed_payload const image(10 * block);
	auto const place = image.table.place(2);
	auto file = image.file();
	file[place.offset + 100] ^= 1;
	auto const found = get(file, by_table(image), {0, {0, 10 * block}});
	ASSERT_TRUE(found.failure);
	EXPECT_TRUE(found.failure->lasting);
	EXPECT_TRUE(found.failure->text.starts_with(
		fmt::format("reading /disk.zst at {:#x}: the frame is damaged", place.offset)))
		<< found.failure->text;
	EXPECT_FALSE(get(file, by_table(image), {0, {5 * block, 5 * block}}).failure);
}

TEST(web_seed_image, that_shrank_after_its_table_was_read_is_refused)
{
	compressed_payload const image(10 * block);
	auto const found =
		get(image.frames.substr(0, image.frames.size() - 1), by_table(image), {0, {0, 10 * block}});
	ASSERT_TRUE(found.failure);
	EXPECT_TRUE(found.failure->lasting);
	EXPECT_TRUE(found.failure->text.find("the server sent another range") != std::string::npos)
		<< found.failure->text;
}

TEST(web_seed_image, of_the_size_that_the_torrent_says_needs_no_table)
{
	compressed_payload const image(250 * block - 1000);
	auto const lengths = lengths_of(image);
	loopback_server const server(ranges_of(image.file(), image.file().size()));
	std::size_t arrived = 0;
	web_seed_connection connection(system_lookup, [&](std::size_t const bytes) { arrived += bytes; });

	auto const found = look_for_image(
		connection, test::value_of(parse_url(server.url("/disk.zst"))), image.payload.size(), lengths);

	EXPECT_EQ(found.frames.lengths, lengths);
	EXPECT_FALSE(found.frames.table);
	EXPECT_EQ(found.frames.compressed(), image.frames.size());
	EXPECT_EQ(arrived, 4U);
	auto const other = look_for_image(connection, test::value_of(parse_url(server.url("/disk.zst"))),
		image.payload.size(), std::make_shared<frame_lengths const>(std::vector<std::uint32_t>{7, 7, 7}));
	EXPECT_TRUE(other.frames.table) << "of another size than the torrent says";
}

TEST(web_seed_image, gives_pieces_by_their_lengths_as_by_its_table)
{
	compressed_payload const image(250 * block - 1000);
	for (std::size_t piece = 0; piece < 3; ++piece)
	{
		auto const wanted = piece_of(image, piece);
		auto const found = get(image.file(), by_lengths(image), wanted);
		ASSERT_FALSE(found.failure) << found.failure->text;
		EXPECT_TRUE(found.bytes == image.payload.substr(wanted.range.begin, wanted.range.length)) << piece;
		EXPECT_EQ(found.unpacked, wanted.range.length);
		EXPECT_EQ(found.frames, get(image.file(), by_table(image), wanted).frames);
	}
}

// Random bytes: a piece has more than the 1 MiB that are read at once.
TEST(web_seed_image, gives_pieces_that_are_longer_than_what_is_read_at_once)
{
	compressed_payload image(0);
	image.payload = random_bytes(5, blocks_in_piece * block);
	frame_writer writer(1);
	for (std::uint64_t b = 0; b < blocks_in_piece; ++b)
	{
		auto const length =
			writer.append(image.frames, std::string_view(image.payload).substr(b * block, block));
		image.table.add(static_cast<std::uint32_t>(length), block_size);
	}
	ASSERT_GT(image.frames.size(), max_run_bytes);
	auto const found = get(image.file(), by_lengths(image), piece_of(image, 0));
	ASSERT_FALSE(found.failure) << found.failure->text;
	EXPECT_TRUE(found.bytes == image.payload);
}

TEST(web_seed_image, whose_frames_do_not_end_where_the_torrent_says_is_refused_with_the_place)
{
	compressed_payload const image(250 * block - 1000);
	auto const first = static_cast<std::uint32_t>(lengths_of(image)->of_piece(0).length);
	auto const refused = [&](std::uint32_t const length, std::string const& file) {
		auto const lengths = std::make_shared<frame_lengths const>(std::vector<std::uint32_t>{length});
		auto const found = get(file, {nullptr, lengths}, piece_of(image, 0));
		return found.failure && found.failure->lasting ? found.failure->text : "taken";
	};
	auto const last = image.table.place(blocks_in_piece - 1).offset;
	EXPECT_EQ(refused(first - 1, image.file()),
		fmt::format("reading /disk.zst at {:#x}: the frame is damaged", last));
	EXPECT_EQ(refused(0, image.file()), "reading /disk.zst at 0x0: the frame is damaged");
	EXPECT_EQ(refused(200'000, std::string(200'000, '\0')), "reading /disk.zst at 0x0: the frame is damaged");
	auto bytes = image.file();
	bytes[last + 100] ^= 1;
	EXPECT_TRUE(refused(first, bytes)
					.starts_with(fmt::format("reading /disk.zst at {:#x}: the frame is damaged", last)));
}

} // namespace rawswarm
