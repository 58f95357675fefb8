// SPDX-License-Identifier: BSD-3-Clause
// Torrents that leave out blocks of zeros.
#include "storage/device/units.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/program/create_torrent.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace rawswarm
{
namespace
{

using test::create_torrent;
using test::expect_faithful;
using test::extent_list;
using test::extents_of;
using test::source_content;

constexpr std::uint64_t block = block_size;
constexpr std::uint64_t mib = 1024 * 1024;

TEST_F(create_torrent, blocks_of_zeros_are_left_out)
{
	m_options.skip_zeros = true;
	auto const source = source_content("....xxx......x....") + std::string(3 * block, '\0');
	auto const made = make(source);
	expect_faithful(made, source);
	EXPECT_EQ(extents_of(made), (extent_list{{4 * block, 3 * block}, {13 * block, block}}));
	EXPECT_FALSE(made.hints.zero_ranges.empty());
}

TEST_F(create_torrent, a_gap_too_short_to_pay_is_kept)
{
	m_options.skip_zeros = true;
	auto const source = source_content("x...xx....x");
	auto const made = make(source);
	expect_faithful(made, source);
	EXPECT_EQ(extents_of(made), (extent_list{{0, 6 * block}, {10 * block, block}}));
}

TEST_F(create_torrent, a_short_last_block_is_kept_or_left_out_like_any_other)
{
	m_options.skip_zeros = true;
	auto const zeros = source_content("x.....") + std::string(700, '\0');
	auto made = make(zeros);
	expect_faithful(made, zeros);
	EXPECT_EQ(extents_of(made), (extent_list{{0, block}}));

	auto data = zeros;
	data.back() = 1;
	made = make(data);
	expect_faithful(made, data);
	EXPECT_EQ(extents_of(made), (extent_list{{0, block}, {6 * block, 700}}));
}

TEST_F(create_torrent, a_source_without_zeros_has_no_gaps_to_speak_of)
{
	m_options.skip_zeros = true;
	auto const source = source_content("xxxxxxxxx");
	auto const made = make(source);
	expect_faithful(made, source);
	EXPECT_TRUE(made.hints.zero_ranges.empty());
}

TEST_F(create_torrent, of_a_source_of_zeros_one_block_is_kept)
{
	m_options.skip_zeros = true;
	auto const source = source_content("........................");
	auto made = make(source);
	expect_faithful(made, source);
	EXPECT_EQ(extents_of(made), (extent_list{{0, block}}));

	std::string const small(100, '\0');
	made = make(small);
	expect_faithful(made, small);
	EXPECT_EQ(extents_of(made), (extent_list{{0, 100}}));
}

TEST_F(create_torrent, any_pattern_of_zeros_comes_back_as_it_was)
{
	m_options.skip_zeros = true;
	for (std::uint64_t seed = 1; seed <= 5; ++seed)
	{
		// 200 blocks: more than one read. Runs get longer from seed to seed.
		auto const dice = test::random_bytes(seed, 200);
		std::string pattern;
		while (pattern.size() < 200)
		{
			auto const roll = static_cast<unsigned char>(dice[pattern.size()]);
			pattern.append(1 + roll % (2 * seed), roll < 128 ? 'x' : '.');
		}
		auto const source = source_content(pattern) + test::random_bytes(seed, seed * 77);
		expect_faithful(make(source), source);
	}
}

TEST_F(create_torrent, holes_of_a_sparse_file_are_zeros)
{
	auto const data = test::random_bytes(1, 5000);
	test::write_sparse_file(m_options.source, 3 * mib + 100);
	test::write_at(m_options.source, mib + 4096, data); // holes end inside a block of 16 KiB
	test::write_at(m_options.source, 2 * mib - 10, data);
	auto const source = test::read_file(m_options.source);
	for (bool const skip_zeros : {false, true})
	{
		m_options.skip_zeros = skip_zeros;
		expect_faithful(make(), source);
	}
}

} // namespace
} // namespace rawswarm
