// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/frame_message.hpp"
#include "storage/device/block_frame.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <boost/endian/conversion.hpp>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

namespace rawswarm
{

namespace
{

using test::text_of;

constexpr int piece_size = 64 * 1024;

std::string number(std::uint32_t const n)
{
	std::array<unsigned char, 4> bytes{};
	boost::endian::store_big_u32(bytes.data(), n);
	return {bytes.begin(), bytes.end()};
}

std::string frame_of(std::string const& block)
{
	std::string frame;
	frame_writer(lowest_compression_level).append(frame, block);
	return frame;
}

std::string message(std::uint32_t const piece, std::uint32_t const begin, std::string const& frame)
{
	return number(piece) + number(begin) + number(static_cast<std::uint32_t>(frame.size())) + frame;
}

class frame_message : public ::testing::Test
{
protected:
	// Two whole pieces, and one of a block and 100 bytes.
	frame_message()
	{
		auto const made = test::make_torrent(
			{{.bytes = std::string(2 * piece_size + block_size + 100, 'a')}}, {.piece_size = piece_size});
		m_torrent = std::make_shared<lt::torrent_info>(made.bytes, lt::from_span);
	}

	result<lt::peer_request> read(std::string const& body) { return read_frame_message(body, *m_torrent); }

	std::string refusal(std::string const& body) { return text_of(read(body), fault::refused); }

	std::shared_ptr<lt::torrent_info const> m_torrent;
	std::string m_block = std::string(block_size, 'a');
};

} // namespace

TEST_F(frame_message, names_the_block_that_it_holds)
{
	auto const r = read(message(1, 2 * block_size, frame_of(m_block)));
	ASSERT_TRUE(r) << r.error().text;
	EXPECT_EQ(r.value().piece, lt::piece_index_t{1});
	EXPECT_EQ(r.value().start, 2 * block_size);
	EXPECT_EQ(r.value().length, block_size);
}

TEST_F(frame_message, last_block_is_as_short_as_the_torrent_says)
{
	auto const r = read(message(2, block_size, frame_of(m_block.substr(0, 100))));
	ASSERT_TRUE(r) << r.error().text;
	EXPECT_EQ(r.value().length, 100);
	EXPECT_EQ(
		refusal(message(2, block_size, frame_of(m_block))), "the frame holds 16384 bytes and its block 100");
}

TEST_F(frame_message, of_no_block_of_the_torrent_is_refused)
{
	auto const frame = frame_of(m_block);
	EXPECT_EQ(refusal(message(3, 0, frame)), "a frame of block 0x0 of piece 3, which is none");
	EXPECT_EQ(
		refusal(message(0xffffffff, 0, frame)), "a frame of block 0x0 of piece 4294967295, which is none");
	EXPECT_EQ(refusal(message(0, piece_size, frame)), "a frame of block 0x10000 of piece 0, which is none");
	EXPECT_EQ(
		refusal(message(0, 0x80000000, frame)), "a frame of block 0x80000000 of piece 0, which is none");
	EXPECT_EQ(refusal(message(0, 1, frame)), "a frame of block 0x1 of piece 0, which is none");
}

TEST_F(frame_message, that_is_cut_off_or_goes_on_behind_its_frame_is_refused)
{
	auto const frame = frame_of(m_block);
	EXPECT_EQ(refusal(""), "a frame message of 0 bytes");
	EXPECT_EQ(refusal(message(0, 0, "")), "a frame message of 12 bytes");
	EXPECT_EQ(refusal(message(0, 0, frame) + "x"), "a frame message that is not as long as it says");
	EXPECT_NE(refusal(message(0, 0, frame.substr(0, frame.size() - 1))), "fine");
	EXPECT_EQ(refusal(message(0, 0, frame + frame)),
		"the frame ends after " + std::to_string(frame.size()) + " of its " + std::to_string(2 * frame.size())
			+ " bytes");
	EXPECT_EQ(refusal(message(0, 0, std::string(block_size + 1, 'x'))), "a frame message of 16397 bytes");
}

TEST_F(frame_message, whose_frame_claims_a_gigabyte_is_refused)
{
	// Magic, a descriptor of one segment with eight bytes of length, a gigabyte, one empty last block (RFC
	// 8878).
	std::string const bomb = std::string("\x28\xb5\x2f\xfd\xe0", 5)
		+ std::string("\x00\x00\x00\x40\x00\x00\x00\x00", 8) + std::string("\x01\x00\x00", 3);
	EXPECT_EQ(refusal(message(0, 0, bomb)), "the frame holds 1073741824 bytes and its block 16384");
}

} // namespace rawswarm
