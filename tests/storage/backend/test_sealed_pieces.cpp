// SPDX-License-Identifier: BSD-3-Clause
// Pieces of a seed that are checked by their seals before they are first sent.
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using test::disk_fixture;
using test::extents_of;

constexpr std::size_t one_mib = 1024 * 1024;
constexpr int blocks_in_piece = 64 * 1024 / block_size;

std::string piece_of(disk_fixture& f, int const piece)
{
	std::string bytes;
	for (int b = 0; b < blocks_in_piece; ++b)
	{
		bytes += f.block(piece, b);
	}
	return bytes;
}

// Content is the same for the same extents.
piece_seals right_seals()
{
	disk_fixture f(extents_of({one_mib}));
	piece_seals seals;
	for (int p = 0; p < f.pieces(); ++p)
	{
		seals.raw.push_back(seal_of(piece_of(f, p)));
	}
	return seals;
}

piece_seals wrong_seals()
{
	auto seals = right_seals();
	for (auto& seal : seals.raw)
	{
		++seal;
	}
	return seals;
}

TEST(sealed_pieces, piece_that_passes_its_seal_is_not_hashed)
{
	for (auto const kind : {device_kind::hdd, device_kind::image_file})
	{
		disk_fixture f(extents_of({one_mib}),
			{.profile = profile_for(kind), .must_match = true, .seals = right_seals()});
		f.put_image();
		EXPECT_EQ(f.finish(f.hash(4)).v1, f.info().hash_for_piece(lt::piece_index_t{4}));
		EXPECT_EQ(f.stats().blocks_hashed, 0);
		EXPECT_EQ(f.stats().blocks_sealed, blocks_in_piece);
		EXPECT_EQ(f.finish(f.read(4, 0, block_size)).bytes, f.block(4, 0));
		EXPECT_EQ(f.target_errors(), 0);
	}
}

TEST(sealed_pieces, piece_that_differs_is_never_passed)
{
	disk_fixture f(extents_of({one_mib}), {.must_match = true, .seals = right_seals()});
	f.put_image();
	auto const place = f.target().extents().map(lt::piece_index_t{4}, block_size, 1)[0].offset;
	f.device().put(place->bytes, "?");
	EXPECT_NE(f.finish(f.hash(4)).v1, f.info().hash_for_piece(lt::piece_index_t{4}));
	EXPECT_EQ(f.stats().blocks_hashed, blocks_in_piece) << "the hash has the last word";
	EXPECT_EQ(f.target_errors(), 1);
}

TEST(sealed_pieces, seals_of_something_else_are_asked_once)
{
	disk_fixture f(extents_of({one_mib}), {.must_match = true, .seals = wrong_seals()});
	f.put_image();
	for (int const p : {4, 5, 6})
	{
		EXPECT_EQ(f.finish(f.hash(p)).v1, f.info().hash_for_piece(lt::piece_index_t{p}));
	}
	EXPECT_EQ(f.stats().blocks_hashed, 3 * blocks_in_piece);
	EXPECT_EQ(f.stats().blocks_sealed, blocks_in_piece);
	EXPECT_EQ(f.target_errors(), 0);
}

TEST(sealed_pieces, piece_that_was_written_is_hashed)
{
	disk_fixture f(extents_of({one_mib}), {.must_match = true, .seals = right_seals()});
	f.put_image();
	f.finish(f.write_block(0, 0));
	EXPECT_EQ(f.finish(f.hash(4)).v1, f.info().hash_for_piece(lt::piece_index_t{4}));
	EXPECT_EQ(f.stats().blocks_sealed, 0);
	EXPECT_EQ(f.stats().blocks_hashed, blocks_in_piece);
}

} // namespace
} // namespace rawswarm
