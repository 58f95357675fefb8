// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/buffer_pool.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include <sys/mman.h>

namespace rawswarm
{
namespace
{

constexpr std::size_t block_bytes = block_size;

std::vector<char*> take_all(buffer_pool& pool)
{
	std::vector<char*> blocks;
	while (char* const b = pool.allocate())
	{
		blocks.push_back(b);
	}
	return blocks;
}

TEST(buffer_pool, budget_is_rounded_down_to_whole_blocks_and_up_to_the_smallest_pool)
{
	disk_stats stats;
	EXPECT_EQ(buffer_pool(100 * block_bytes + block_bytes - 1, stats).capacity(), 100);
	EXPECT_EQ(stats.pool_blocks, 100);
	EXPECT_EQ(buffer_pool(0, stats).capacity(), buffer_pool::min_blocks);
}

TEST(buffer_pool, gives_as_many_blocks_as_it_has_and_no_two_overlap)
{
	disk_stats stats;
	buffer_pool pool(0, stats);
	auto const blocks = take_all(pool);
	EXPECT_EQ(blocks.size(), std::size_t(pool.capacity()));
	EXPECT_EQ(pool.in_use(), pool.capacity());

	for (std::size_t i = 0; i < blocks.size(); ++i)
	{
		std::memset(blocks[i], static_cast<int>(i), block_bytes);
	}
	for (std::size_t i = 0; i < blocks.size(); ++i)
	{
		EXPECT_EQ(std::string(blocks[i], block_bytes), std::string(block_bytes, static_cast<char>(i))) << i;
	}
	for (char* const b : blocks)
	{
		EXPECT_TRUE(pool.unref(b));
	}
	EXPECT_EQ(pool.in_use(), 0);
	EXPECT_EQ(take_all(pool).size(), std::size_t(pool.capacity()));
	pool.check_invariants();
}

TEST(buffer_pool, block_is_free_when_its_last_reference_is_dropped)
{
	disk_stats stats;
	buffer_pool pool(0, stats);
	char* const b = pool.allocate();
	EXPECT_TRUE(pool.is_unshared(b));
	pool.ref(b);
	EXPECT_FALSE(pool.is_unshared(b));
	EXPECT_FALSE(pool.unref(b));
	EXPECT_EQ(pool.in_use(), 1);
	EXPECT_TRUE(pool.is_unshared(b));
	EXPECT_TRUE(pool.unref(b));
	EXPECT_EQ(pool.in_use(), 0);
	pool.check_invariants();
}

TEST(buffer_pool, block_handed_out_comes_back_with_its_holder_and_says_so)
{
	disk_stats stats;
	buffer_pool pool(0, stats);
	int returns = 0;
	pool.set_on_return([&] { ++returns; });
	char* const b = pool.allocate();
	pool.ref(b);
	{
		auto const holder = pool.hand_out(b, 100);
		EXPECT_EQ(holder.data(), b);
		EXPECT_EQ(holder.size(), 100);
		EXPECT_EQ(pool.handed_out(), 1);
		EXPECT_EQ(returns, 0);
	}
	EXPECT_EQ(pool.handed_out(), 0);
	EXPECT_EQ(returns, 1);
	EXPECT_EQ(pool.in_use(), 1) << "another reference is left";
	pool.unref(b);
	EXPECT_EQ(returns, 1) << "only what libtorrent returns is announced";
	pool.check_invariants();
}

TEST(buffer_pool, block_that_several_hold_is_handed_out_once)
{
	disk_stats stats;
	buffer_pool pool(0, stats);
	char* const b = pool.allocate();
	pool.ref(b);
	{
		auto const first = pool.hand_out(b, 100);
		{
			auto const second = pool.hand_out(b, 100);
			EXPECT_EQ(pool.handed_out(), 1);
		}
		EXPECT_EQ(stats.pool_handed_out, 1);
	}
	EXPECT_EQ(pool.handed_out(), 0);
	EXPECT_EQ(pool.in_use(), 0);
	pool.check_invariants();
}

TEST(buffer_pool, block_may_have_more_references_than_16_bits_count)
{
	constexpr int references = 70'000;
	disk_stats stats;
	buffer_pool pool(0, stats);
	char* const b = pool.allocate();
	for (int i = 1; i < references; ++i)
	{
		pool.ref(b);
	}
	for (int i = 1; i < references; ++i)
	{
		ASSERT_FALSE(pool.unref(b)) << i;
	}
	EXPECT_TRUE(pool.is_unshared(b));
	EXPECT_TRUE(pool.unref(b));
	pool.check_invariants();
}

TEST(buffer_pool, block_may_have_more_holders_than_16_bits_count)
{
	constexpr std::size_t holders = 70'000;
	disk_stats stats;
	buffer_pool pool(0, stats);
	char* const b = pool.allocate();
	std::vector<lt::disk_buffer_holder> held;
	for (std::size_t i = 0; i < holders; ++i)
	{
		pool.ref(b);
		held.push_back(pool.hand_out(b, 100));
	}
	EXPECT_EQ(pool.handed_out(), 1);
	held.resize(1);
	EXPECT_EQ(pool.handed_out(), 1);
	held.clear();
	EXPECT_EQ(pool.handed_out(), 0);
	EXPECT_TRUE(pool.is_unshared(b));
	pool.unref(b);
	pool.check_invariants();
}

TEST(buffer_pool, budget_grows_at_once_and_shrinks_as_blocks_come_back)
{
	disk_stats stats;
	buffer_pool pool(64 * block_bytes, stats);
	auto blocks = take_all(pool);
	pool.set_budget(200 * block_bytes);
	for (char* const b : take_all(pool))
	{
		std::memset(b, 1, block_bytes);
		blocks.push_back(b);
	}
	EXPECT_EQ(blocks.size(), 200U);

	pool.set_budget(100 * block_bytes);
	EXPECT_EQ(pool.capacity(), 100);
	EXPECT_EQ(pool.in_use(), 200);
	while (pool.in_use() >= 100)
	{
		EXPECT_EQ(pool.allocate(), nullptr);
		pool.unref(blocks.back());
		blocks.pop_back();
	}
	char* const again = pool.allocate();
	ASSERT_NE(again, nullptr);
	blocks.push_back(again);
	EXPECT_EQ(pool.allocate(), nullptr);
	pool.unref(blocks);
	EXPECT_EQ(take_all(pool).size(), 100U);
	pool.check_invariants();
}

// How many of the blocks are resident, by mincore(2).
std::size_t resident_blocks(std::vector<char*> const& blocks)
{
	std::size_t resident = 0;
	for (char* const b : blocks)
	{
		std::array<unsigned char, block_bytes / 4096> pages{};
		EXPECT_EQ(::mincore(b, block_bytes, pages.data()), 0);
		if ((pages[0] & 1U) != 0)
		{
			++resident;
		}
	}
	return resident;
}

TEST(buffer_pool, memory_beyond_a_smaller_budget_goes_back_to_the_kernel)
{
	disk_stats stats;
	buffer_pool pool(1000 * block_bytes, stats);
	auto const blocks = take_all(pool);
	for (char* const b : blocks)
	{
		std::memset(b, 1, block_bytes);
	}
	EXPECT_EQ(resident_blocks(blocks), 1000U);
	pool.unref(blocks);
	pool.set_budget(100 * block_bytes);
	EXPECT_LE(resident_blocks(blocks), 100U);
	EXPECT_EQ(take_all(pool).size(), 100U);
	pool.check_invariants();
}

} // namespace
} // namespace rawswarm
