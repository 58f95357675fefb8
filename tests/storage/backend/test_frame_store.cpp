// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/frame_store.hpp"
#include "storage/backend/frame_trial.hpp"
#include "tests/support/base/random_bytes.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

using test::random_bytes;

class frames_in_memory : public ::testing::Test
{
protected:
	bool keep(int const piece, int const block, std::string const& frame)
	{
		auto const kept = m_store.keep(key(piece), {block}, frame);
		if (!kept.empty())
		{
			m_pool.unref(kept.data());
		}
		return !kept.empty();
	}

	std::string find(int const piece, int const block)
	{
		auto const found = m_store.find(key(piece), {block});
		std::string text(found.begin(), found.end());
		if (!found.empty())
		{
			m_pool.unref(found.data());
		}
		return text;
	}

	static piece_key key(int const piece) { return {1, lt::piece_index_t(piece)}; }

	static constexpr int blocks = buffer_pool::min_blocks;
	static constexpr int most = blocks / 4;

	disk_stats m_stats;
	buffer_pool m_pool{0, m_stats};
	frame_store m_store{m_pool, [this] { return m_pool.allocate(); }};
};

} // namespace

TEST_F(frames_in_memory, are_found_by_their_block)
{
	EXPECT_TRUE(keep(0, 1, "first"));
	EXPECT_TRUE(keep(7, 0, "second"));
	EXPECT_EQ(find(0, 1), "first");
	EXPECT_EQ(find(7, 0), "second");
	EXPECT_EQ(find(0, 0), "");
	EXPECT_EQ(find(7, 1), "");
	EXPECT_EQ(m_store.blocks(), 1);
}

TEST_F(frames_in_memory, of_a_block_that_comes_again_are_the_newer_ones)
{
	keep(0, 0, "old");
	keep(0, 0, "new");
	EXPECT_EQ(find(0, 0), "new");
	m_store.drop(key(0), {0});
	EXPECT_EQ(find(0, 0), "");
}

TEST_F(frames_in_memory, of_a_piece_or_a_torrent_are_forgotten_together)
{
	keep(0, 0, "a");
	keep(0, 1, "b");
	keep(1, 0, "c");
	m_store.drop(key(0));
	EXPECT_EQ(find(0, 0) + find(0, 1), "");
	EXPECT_EQ(find(1, 0), "c");
	m_store.drop(std::uint32_t(1));
	EXPECT_EQ(find(1, 0), "");
}

TEST_F(frames_in_memory, take_a_quarter_of_the_pool_and_the_oldest_go_first)
{
	auto const frame = random_bytes(1, block_size / 2);
	for (int i = 0; i < 4 * most; ++i)
	{
		EXPECT_TRUE(keep(i, 0, frame));
	}
	EXPECT_EQ(m_store.blocks(), most);
	EXPECT_EQ(m_pool.in_use(), most);
	EXPECT_EQ(find(0, 0), "");
	EXPECT_EQ(find(2 * most - 1, 0), "");
	EXPECT_EQ(find(2 * most, 0), frame);
	EXPECT_EQ(find(4 * most - 1, 0), frame);
}

TEST_F(frames_in_memory, stay_as_long_as_somebody_uses_them)
{
	auto const frame = random_bytes(1, block_size);
	auto const kept = m_store.keep(key(0), {0}, frame);
	keep(1, 0, frame);
	EXPECT_TRUE(m_store.evict());
	EXPECT_FALSE(m_store.evict()) << "it would free no memory";
	EXPECT_EQ(find(1, 0), "") << "nobody used it, although it came later";
	EXPECT_EQ(find(0, 0), frame);
	m_pool.unref(kept.data());
	EXPECT_TRUE(m_store.evict());
	EXPECT_EQ(find(0, 0), "");
	EXPECT_EQ(m_pool.in_use(), 0);
}

TEST_F(frames_in_memory, are_not_kept_without_memory)
{
	std::vector<char*> all;
	while (char* const b = m_pool.allocate())
	{
		all.push_back(b);
	}
	EXPECT_FALSE(keep(0, 0, "frame"));
	m_pool.unref(all);
}

TEST(frame_trial, every_block_that_shrinks_is_followed_by_a_try)
{
	frame_trial trial;
	for (int i = 0; i < 100; ++i)
	{
		EXPECT_TRUE(trial.begin());
		trial.result(true);
	}
}

TEST(frame_trial, what_never_shrinks_is_soon_hardly_tried)
{
	frame_trial trial;
	int tries = 0;
	for (int i = 0; i < 10'000; ++i)
	{
		if (trial.begin())
		{
			++tries;
			trial.result(false);
		}
	}
	EXPECT_LT(tries, 10'000 / 16 + 30);
	EXPECT_GT(tries, 10'000 / 16 - 10); // or what shrinks behind it would not be found
}

TEST(frame_trial, blocks_whose_results_are_late_are_tried_as_rarely)
{
	constexpr int late = 64; // as many blocks are asked for meanwhile
	constexpr int blocks = 10'000;
	frame_trial trial;
	std::deque<int> begun; // by the number of their block
	int tries = 0;
	for (int i = 0; i < blocks; ++i)
	{
		if (!begun.empty() && begun.front() + late <= i)
		{
			begun.pop_front();
			trial.result(false);
		}
		if (trial.begin())
		{
			++tries;
			begun.push_back(i);
		}
	}
	EXPECT_LT(tries, blocks / 16 + 3 * late);
}

TEST(frame_trial, one_block_that_shrinks_is_enough_to_try_all_again)
{
	frame_trial trial;
	for (int i = 0; i < 10'000; ++i)
	{
		if (trial.begin())
		{
			trial.result(false);
		}
	}
	int waited = 0;
	while (!trial.begin())
	{
		++waited;
	}
	EXPECT_LE(waited, 16);
	trial.result(true);
	EXPECT_TRUE(trial.begin());
}

} // namespace rawswarm
