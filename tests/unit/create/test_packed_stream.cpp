// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create_stream.hpp"
#include "agent/create/packed_stream.hpp"
#include "agent/create/stream_scan.hpp"
#include "base/bytes.hpp"
#include "storage/device/block_frame.hpp"
#include "storage/device/file_device.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

namespace rawswarm
{
namespace
{

using namespace std::string_literals;

constexpr std::size_t block = block_size;

std::string frame_of(std::string const& bytes)
{
	std::string frame;
	frame_writer(3).append(frame, bytes);
	return frame;
}

// Decoders skip it.
std::string const skippable = "\x5e\x2a\x4d\x18\x04\0\0\0rest"s;

class packed_streams : public ::testing::Test
{
protected:
	std::unique_ptr<packed_stream> open(std::string const& packed, bool const raw = false)
	{
		test::write_file(m_dir / "packed", packed);
		return test::value_of(packed_stream::open(m_dir / "packed", raw));
	}

	static result<std::string> unpacked(packed_stream& stream, std::size_t const step)
	{
		std::string bytes;
		std::string buffer(step, '\0');
		for (;;)
		{
			BOOST_OUTCOME_TRY(length, stream.read(buffer));
			bytes += buffer.substr(0, length);
			if (length < step)
			{
				return bytes;
			}
		}
	}

	result<std::string> unpacked(std::string const& packed, std::size_t const step = 10'000)
	{
		auto const stream = open(packed);
		return unpacked(*stream, step);
	}

	test::temp_dir m_dir;
};

TEST_F(packed_streams, any_steps_give_the_same_bytes)
{
	auto const content = test::random_bytes(1, 300'000) + std::string(1'000'000, 'x');
	auto const packed =
		frame_of(content.substr(0, 100'000)) + skippable + frame_of("") + frame_of(content.substr(100'000));
	for (std::size_t const step :
		{std::size_t(7), std::size_t(4096), std::size_t(100'000), std::size_t(1) << 21})
	{
		EXPECT_TRUE(test::value_of(unpacked(packed, step)) == content) << step;
	}
	EXPECT_TRUE(test::value_of(unpacked(skippable + packed)) == content) << "as parallel compressors begin";
}

TEST_F(packed_streams, what_is_not_packed_is_taken_as_it_is)
{
	auto const content = test::random_bytes(1, 1'000'000);
	EXPECT_EQ(open(content)->packed_by(), packing::none);
	EXPECT_TRUE(test::value_of(unpacked(content)) == content);
	EXPECT_EQ(test::value_of(unpacked("")), "");

	auto const frame = frame_of(content);
	EXPECT_EQ(open(frame)->packed_by(), packing::zstd);
	auto const raw = open(frame, true);
	EXPECT_EQ(raw->packed_by(), packing::none);
	EXPECT_TRUE(test::value_of(unpacked(*raw, 5000)) == frame);
}

TEST_F(packed_streams, head_is_read_again)
{
	auto const content = test::random_bytes(1, 20'000);
	auto const stream = open(frame_of(content));
	EXPECT_EQ(test::value_of(stream->head(512)), content.substr(0, 512));
	EXPECT_EQ(test::value_of(stream->head(8192)), content.substr(0, 8192));
	EXPECT_EQ(test::value_of(stream->head(512)).substr(0, 512), content.substr(0, 512));
	EXPECT_TRUE(test::value_of(unpacked(*stream, 1000)) == content);

	auto const small = open(frame_of("abc"));
	EXPECT_EQ(test::value_of(small->head(512)), "abc");
	EXPECT_EQ(test::value_of(unpacked(*small, 2)), "abc");
}

TEST_F(packed_streams, every_cut_is_noticed)
{
	auto const first = frame_of(test::random_bytes(1, 100));
	auto const packed = first + frame_of("abc");
	for (std::size_t length = 4; length < packed.size(); ++length)
	{
		auto const bytes = unpacked(packed.substr(0, length));
		bool const between = length == first.size();
		bool const magic_only = length > first.size() && length < first.size() + 4; // it may be anything
		EXPECT_EQ(bytes.has_value(), between) << length;
		if (!bytes)
		{
			EXPECT_EQ(bytes.error().kind, fault::target) << bytes.error().text;
			EXPECT_NE(bytes.error().text.find(magic_only ? "something else follows" : "it is cut off"),
				std::string::npos)
				<< bytes.error().text;
		}
	}
}

TEST_F(packed_streams, every_flipped_byte_is_noticed)
{
	auto const content = test::random_bytes(1, 50) + std::string(50, 'x');
	auto const packed = frame_of(content);
	for (std::size_t at = 4; at < packed.size(); ++at)
	{
		auto flipped = packed;
		flipped[at] = static_cast<char>(~flipped[at]);
		EXPECT_FALSE(unpacked(flipped)) << at;
	}
}

TEST_F(packed_streams, what_was_read_of_the_file_is_counted_to_its_end)
{
	auto const packed = frame_of(test::random_bytes(1, 3'000'000));
	auto const stream = open(packed);
	EXPECT_EQ(stream->packed_size(), packed.size());
	std::string buffer(1'500'000, '\0');
	ASSERT_TRUE(stream->read(buffer));
	EXPECT_NEAR(double(stream->packed_read()), double(packed.size()) / 2, 200'000);
	ASSERT_TRUE(unpacked(*stream, 1'000'000));
	EXPECT_EQ(stream->packed_read(), packed.size());
}

TEST_F(packed_streams, examine_knows_packed_files_and_nothing_else)
{
	test::write_file(m_dir / "a", frame_of("x"));
	EXPECT_EQ(packed_stream::examine(m_dir / "a"), packing::zstd);
	test::write_file(m_dir / "a", "\x1f\x8b\x08"s);
	EXPECT_EQ(packed_stream::examine(m_dir / "a"), packing::gzip);
	test::write_file(m_dir / "a", "\x1f\x8b");
	EXPECT_EQ(packed_stream::examine(m_dir / "a"), packing::none);
	EXPECT_EQ(packed_stream::examine(m_dir / "missing"), packing::none);
	EXPECT_EQ(packed_stream::examine("/"), packing::none);
	EXPECT_EQ(packed_stream::examine("/dev/zero"), packing::none);
}

TEST_F(packed_streams, sizes_that_are_known_choose_the_pieces)
{
	create_options options;
	auto const with_size = open(frame_of(std::string(70_MiB, '\0')));
	EXPECT_EQ(with_size->declared_size(), 70_MiB);
	EXPECT_EQ(stream_piece_size(options, *with_size), 1_MiB);
	options.skip_zeros = true;
	EXPECT_EQ(stream_piece_size(options, *with_size), 256_KiB);
	options.skip_zeros = false;
	EXPECT_EQ(stream_piece_size(options, *open(frame_of("x"))), 256_KiB);
	EXPECT_EQ(
		stream_piece_size(options, *open(frame_of("x") + frame_of(test::random_bytes(1, 100'000)))), 1_MiB)
		<< "the first frame is not all";
	EXPECT_EQ(stream_piece_size(options, *open(skippable + frame_of("x"))), 1_MiB) << "it does not say";
	options.piece_size = 64_KiB;
	EXPECT_EQ(stream_piece_size(options, *with_size), 64_KiB);
}

TEST_F(packed_streams, large_ones_have_larger_pieces)
{
	create_options options;
	open(skippable);
	std::filesystem::resize_file(m_dir / "packed", 11_GiB);
	EXPECT_EQ(
		stream_piece_size(options, *test::value_of(packed_stream::open(m_dir / "packed", false))), 2_MiB);
}

TEST_F(packed_streams, give_as_many_extents_as_the_raw_image_with_and_without_a_size)
{
	std::string content;
	for (std::uint64_t i = 1; i <= 200; ++i)
	{
		content += test::random_bytes(i, block) + std::string(block * (1 + i % 3), '\0');
	}
	scan_settings settings;
	settings.piece_size = 1 << 20;
	settings.limits = {block, 20};
	test::write_file(m_dir / "raw", content);
	auto const device = test::value_of(file_device::open(m_dir / "raw", device_access::read_only));
	sparse_map data(content.size());
	auto const raw = test::value_of(scan_without_zeros(*device, data, settings));

	auto const same = test::value_of(scan_stream(*open(frame_of(content)), true, settings));
	EXPECT_EQ(same.source.hashes, raw.hashes);
	EXPECT_EQ(same.source.bytes, raw.bytes);

	auto const half = content.size() / 2;
	for (auto const& packed :
		{skippable + frame_of(content), frame_of(content.substr(0, half)) + frame_of(content.substr(half))})
	{
		auto const bounded = test::value_of(scan_stream(*open(packed), true, settings));
		EXPECT_LE(bounded.source.extents.size(), 20U);
		EXPECT_EQ(bounded.size, content.size());
		EXPECT_EQ(bounded.source.extents.back().offset.bytes + bounded.source.extents.back().length,
			content.size() - 3 * block);
	}
}

TEST_F(packed_streams, too_many_pieces_end_the_scan_where_they_are_counted)
{
	scan_settings settings;
	settings.piece_size = 1 << 20;
	settings.max_pieces = 2;
	for (bool const skip_zeros : {false, true})
	{
		auto const packed = open(frame_of(test::random_bytes(1, 5_MiB)));
		auto const scanned = scan_stream(*packed, skip_zeros, settings);
		ASSERT_FALSE(scanned);
		EXPECT_EQ(scanned.error().kind, fault::usage);
		EXPECT_NE(scanned.error().text.find("more than 2097152 pieces; a piece size of 1048576 would do"),
			std::string::npos)
			<< scanned.error().text;
	}
}

TEST_F(packed_streams, zeros_alone_are_one_block)
{
	scan_settings settings;
	settings.piece_size = 1 << 20;
	auto const scanned =
		test::value_of(scan_stream(*open(frame_of(std::string(100'000, '\0'))), true, settings));
	ASSERT_EQ(scanned.source.extents.size(), 1U);
	EXPECT_EQ(scanned.source.bytes, block);
	EXPECT_EQ(scanned.size, 100'000U);
}

} // namespace
} // namespace rawswarm
