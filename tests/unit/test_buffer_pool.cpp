#include "storage/buffer_pool.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

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
	EXPECT_EQ(buffer_pool(100 * block_bytes + block_bytes - 1).capacity(), 100);
	EXPECT_EQ(buffer_pool(0).capacity(), buffer_pool::min_blocks);
}

TEST(buffer_pool, gives_as_many_blocks_as_it_has_and_no_two_overlap)
{
	buffer_pool pool(0);
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
		EXPECT_TRUE(pool.drop_owner(b));
	}
	EXPECT_EQ(pool.in_use(), 0);
	EXPECT_EQ(take_all(pool).size(), std::size_t(pool.capacity()));
}

TEST(buffer_pool, block_is_free_when_its_last_owner_lets_go)
{
	buffer_pool pool(0);
	char* const b = pool.allocate();
	EXPECT_TRUE(pool.is_sole_owner(b));
	pool.add_owner(b);
	EXPECT_FALSE(pool.is_sole_owner(b));
	EXPECT_FALSE(pool.drop_owner(b));
	EXPECT_EQ(pool.in_use(), 1);
	EXPECT_TRUE(pool.is_sole_owner(b));
	EXPECT_TRUE(pool.drop_owner(b));
	EXPECT_EQ(pool.in_use(), 0);
}

TEST(buffer_pool, block_handed_out_comes_back_with_its_holder_and_says_so)
{
	buffer_pool pool(0);
	int returns = 0;
	pool.set_on_return([&] { ++returns; });
	char* const b = pool.allocate();
	pool.add_owner(b);
	{
		auto const holder = pool.hand_out(b, 100);
		EXPECT_EQ(holder.data(), b);
		EXPECT_EQ(holder.size(), 100);
		EXPECT_EQ(pool.handed_out(), 1);
		EXPECT_EQ(returns, 0);
	}
	EXPECT_EQ(pool.handed_out(), 0);
	EXPECT_EQ(returns, 1);
	EXPECT_EQ(pool.in_use(), 1) << "the other owner still has it";
	pool.drop_owner(b);
	EXPECT_EQ(returns, 1) << "only what libtorrent returns is announced";
}

} // namespace
} // namespace rawswarm
