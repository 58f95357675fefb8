// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/block_cache.hpp"

#include <boost/system/error_code.hpp>
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

namespace rawswarm
{
namespace
{

class block_cache_test : public ::testing::Test
{
protected:
	void TearDown() override { check(); }

	void check() const
	{
		m_cache.check_invariants();
		m_pool.check_invariants();
	}

	// Returns the buffer.
	char* insert(piece_key const key, int const block, char const content = 'x')
	{
		char* const buffer = m_cache.take_buffer();
		*buffer = content;
		m_cache.insert_dirty(key, {block}, buffer, block_size, [](lt::storage_error const&) {});
		check();
		return buffer;
	}

	char* insert_clean(piece_key const key, int const block)
	{
		char* const buffer = m_cache.take_buffer();
		m_cache.insert_clean(key, {block}, buffer, block_size);
		m_pool.unref(buffer);
		check();
		return buffer;
	}

	bool holds(piece_key const key, int const block)
	{
		char* const b = m_cache.find(key, {block});
		if (b != nullptr)
		{
			m_cache.unref(b);
		}
		check();
		return b != nullptr;
	}

	std::vector<pending_block> begin(piece_key const key)
	{
		std::vector<pending_block> blocks;
		m_cache.begin_write(key, blocks);
		check();
		return blocks;
	}

	disk_stats m_stats;
	buffer_pool m_pool{0, m_stats};
	block_cache m_cache{m_pool, 3, m_stats};
	piece_key const m_key{1, lt::piece_index_t{5}};
};

TEST_F(block_cache_test, dirty_block_becomes_clean_and_stays_readable)
{
	EXPECT_FALSE(holds(m_key, 2));
	insert(m_key, 2);
	EXPECT_TRUE(holds(m_key, 2));
	EXPECT_TRUE(m_cache.is_unwritten(m_key, {2}));
	EXPECT_EQ(m_cache.unwritten(), 1);

	auto const blocks = begin(m_key);
	ASSERT_EQ(blocks.size(), 1U);
	EXPECT_EQ(blocks[0].block.value, 2);
	EXPECT_TRUE(blocks[0].handler);
	EXPECT_TRUE(m_cache.is_unwritten(m_key, {2}));
	EXPECT_TRUE(begin(m_key).empty()) << "it is on its way already";
	EXPECT_TRUE(holds(m_key, 2));

	m_cache.end_write(blocks);
	EXPECT_EQ(m_cache.unwritten(), 0);
	EXPECT_FALSE(m_cache.is_unwritten(m_key, {2}));
	EXPECT_TRUE(holds(m_key, 2));
	EXPECT_EQ(m_cache.dirty_in(m_key), 0);
}

TEST_F(block_cache_test, blocks_are_written_in_their_order)
{
	for (int const b : {3, 0, 2})
	{
		insert(m_key, b);
	}
	auto const blocks = begin(m_key);
	ASSERT_EQ(blocks.size(), 3U);
	EXPECT_EQ(blocks[0].block.value, 0);
	EXPECT_EQ(blocks[1].block.value, 2);
	EXPECT_EQ(blocks[2].block.value, 3);
}

TEST_F(block_cache_test, block_that_could_not_be_written_is_forgotten)
{
	insert(m_key, 0);
	auto blocks = begin(m_key);
	blocks[0].error.ec = lt::error_code(EIO, boost::system::generic_category());
	m_cache.end_write(blocks);
	EXPECT_FALSE(holds(m_key, 0));
	EXPECT_EQ(m_cache.unwritten(), 0);
	EXPECT_EQ(m_pool.in_use(), 0);
}

TEST_F(block_cache_test, new_block_takes_the_place_of_a_clean_one)
{
	insert_clean(m_key, 0);
	char* const held = m_cache.find(m_key, {0});
	EXPECT_EQ(m_cache.insert_dirty(m_key, {0}, m_cache.take_buffer(), block_size, {}).dirty, 1);
	EXPECT_EQ(m_pool.in_use(), 2) << "whoever read the old one keeps it";
	m_cache.unref(held);
	EXPECT_EQ(m_pool.in_use(), 1);
	EXPECT_EQ(m_stats.pool_clean, 0);
	EXPECT_EQ(m_stats.pool_dirty, 1);
}

TEST_F(block_cache_test, blocks_of_several_pieces_end_together)
{
	piece_key const other{1, lt::piece_index_t{6}};
	insert(m_key, 0);
	insert(other, 0);
	insert(other, 3);
	std::vector<pending_block> blocks;
	m_cache.begin_write(m_key, blocks);
	m_cache.begin_write(other, blocks);
	EXPECT_EQ(m_stats.pool_writing, 3);
	blocks[1].error.ec = lt::error_code(EIO, boost::system::generic_category());
	m_cache.end_write(blocks);
	EXPECT_TRUE(holds(m_key, 0));
	EXPECT_FALSE(holds(other, 0));
	EXPECT_TRUE(holds(other, 3));
	EXPECT_EQ(m_stats.pool_writing, 0);
	EXPECT_EQ(m_stats.pool_clean, 2);
	EXPECT_EQ(m_pool.in_use(), 2);
}

TEST_F(block_cache_test, pieces_that_are_still_arriving_are_evicted_last)
{
	insert(m_key, 0);
	m_cache.end_write(begin(m_key));
	for (int i = 1; i < m_pool.capacity(); ++i)
	{
		insert_clean({1, lt::piece_index_t{100 + i}}, 0);
	}
	std::vector<char*> taken;
	for (int i = 1; i < m_pool.capacity(); ++i)
	{
		taken.push_back(m_cache.take_buffer());
	}
	EXPECT_TRUE(holds(m_key, 0));
	taken.push_back(m_cache.take_buffer());
	EXPECT_FALSE(holds(m_key, 0)) << "but they are evicted";
	m_pool.unref(taken);
}

TEST_F(block_cache_test, piece_that_has_arrived_is_evicted_like_any_other)
{
	insert(m_key, 0);
	m_cache.end_write(begin(m_key));
	m_cache.piece_arrived(m_key);
	for (int i = 1; i < m_pool.capacity(); ++i)
	{
		insert_clean({1, lt::piece_index_t{100 + 3 * i + 5 % 3}}, 0); // the same shard
	}
	m_pool.unref(m_cache.take_buffer());
	EXPECT_FALSE(holds(m_key, 0));
}

TEST_F(block_cache_test, shrinking_evicts_clean_blocks_only)
{
	insert(m_key, 0);
	for (int i = 1; i < 20; ++i)
	{
		insert_clean({1, lt::piece_index_t{100 + i}}, 0);
	}
	m_cache.shrink_to(10);
	EXPECT_EQ(m_pool.in_use(), 10);
	m_cache.shrink_to(0);
	EXPECT_EQ(m_pool.in_use(), 1);
	EXPECT_TRUE(holds(m_key, 0));
}

TEST_F(block_cache_test, clean_block_that_was_read_never_hides_a_dirty_one)
{
	char* const dirty = insert(m_key, 0);
	insert_clean(m_key, 0);
	char* const found = m_cache.find(m_key, {0});
	EXPECT_EQ(found, dirty);
	m_cache.unref(found);
	EXPECT_EQ(m_pool.in_use(), 1);
}

TEST_F(block_cache_test, clean_blocks_are_evicted_when_the_pool_is_empty_and_dirty_ones_never)
{
	insert(m_key, 0);
	for (int i = 1; i < m_pool.capacity(); ++i)
	{
		insert_clean({1, lt::piece_index_t{100 + i}}, 0);
	}
	ASSERT_EQ(m_pool.in_use(), m_pool.capacity());
	std::vector<char*> taken;
	while (char* const b = m_cache.take_buffer())
	{
		taken.push_back(b);
	}
	EXPECT_EQ(taken.size(), std::size_t(m_pool.capacity()) - 1);
	EXPECT_TRUE(holds(m_key, 0));
	for (char* const b : taken)
	{
		m_pool.unref(b);
	}
}

TEST_F(block_cache_test, least_recently_used_piece_is_evicted_first)
{
	block_cache cache(m_pool, 1, m_stats);
	for (int i = 0; i < m_pool.capacity(); ++i)
	{
		char* const b = cache.take_buffer();
		cache.insert_clean({1, lt::piece_index_t{i}}, {0}, b, block_size);
		m_pool.unref(b);
	}
	cache.unref(cache.find({1, lt::piece_index_t{0}}, {0}));
	m_pool.unref(cache.take_buffer());
	EXPECT_EQ(cache.find({1, lt::piece_index_t{1}}, {0}), nullptr);
	char* const used = cache.find({1, lt::piece_index_t{0}}, {0});
	ASSERT_NE(used, nullptr);
	cache.unref(used);
}

TEST_F(block_cache_test, block_that_someone_reads_is_not_evicted)
{
	insert_clean(m_key, 0);
	char* const held = m_cache.find(m_key, {0});
	std::vector<char*> taken;
	while (char* const b = m_cache.take_buffer())
	{
		EXPECT_NE(b, held);
		taken.push_back(b);
	}
	EXPECT_EQ(taken.size(), std::size_t(m_pool.capacity()) - 1);
	m_cache.unref(held);
	EXPECT_EQ(m_cache.take_buffer(), held);
	taken.push_back(held);
	for (char* const b : taken)
	{
		m_pool.unref(b);
	}
}

TEST_F(block_cache_test, dropping_a_storage_leaves_its_dirty_blocks_and_other_storages)
{
	piece_key const other{2, m_key.piece};
	insert_clean(m_key, 0);
	insert(m_key, 1);
	insert_clean(other, 0);
	m_cache.drop_clean(1U);
	EXPECT_FALSE(holds(m_key, 0));
	EXPECT_TRUE(holds(m_key, 1));
	EXPECT_TRUE(holds(other, 0));
}

TEST_F(block_cache_test, every_block_returns_to_the_pool_with_the_end_of_the_cache)
{
	{
		block_cache cache(m_pool, 2, m_stats);
		cache.insert_dirty(m_key, {0}, cache.take_buffer(), block_size, {});
		char* const b = cache.take_buffer();
		cache.insert_clean(m_key, {1}, b, block_size);
		m_pool.unref(b);
		EXPECT_EQ(m_pool.in_use(), 2);
	}
	EXPECT_EQ(m_pool.in_use(), 0);
}

} // namespace
} // namespace rawswarm
