// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/read_queue.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/disk_fixture.hpp"
#include "tests/support/device/memory_device.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <gtest/gtest.h>
#include <libtorrent/load_torrent.hpp>
#include <libtorrent/torrent_info.hpp>

#include <memory>
#include <utility>

namespace rawswarm
{
namespace
{

constexpr int piece_size = 4 * block_size;

// A torrent of 4 pieces in one extent.
class read_queue_test : public ::testing::Test
{
protected:
	static std::shared_ptr<open_storage> make_storage()
	{
		auto const made = test::make_torrent(test::extents_of({4 * piece_size}), {.piece_size = piece_size});
		std::shared_ptr<lt::torrent_info const> const info = lt::load_torrent_buffer(made.bytes).ti;
		auto target = std::make_shared<storage_target>(std::make_unique<test::memory_device>(1 << 20), info,
			test::value_of(extent_map::build(info->files())), target_options(), nullptr);
		static disk_stats stats;
		return std::make_shared<open_storage>(1, std::move(target), stats);
	}

	static block_ref at(int const piece, int const block) { return {lt::piece_index_t{piece}, {block}}; }

	bool add(int const piece, int const block, bool const keep = true)
	{
		read_job job{
			m_storage, {lt::piece_index_t{piece}, block * block_size, block_size}, [](auto&&...) {}, keep};
		return m_queue.add(job);
	}

	// Begins and ends the read of the next block.
	block_ref take_next()
	{
		auto const block = m_queue.next();
		m_queue.begin_read(block);
		m_queue.set_head(block);
		m_queue.end_read(block);
		return block;
	}

	std::shared_ptr<open_storage> m_storage = make_storage();
	read_counts m_counts;
	read_queue m_queue{m_storage, m_counts};
};

TEST_F(read_queue_test, blocks_come_in_sweeps_over_the_device)
{
	add(2, 0);
	add(1, 3);
	EXPECT_EQ(take_next(), at(1, 3));
	add(0, 0);
	add(3, 1);
	EXPECT_EQ(take_next(), at(2, 0)) << "behind the last read";
	EXPECT_EQ(take_next(), at(3, 1));
	EXPECT_EQ(take_next(), at(0, 0)) << "the next sweep";
	EXPECT_EQ(m_queue.waiting(), 0);
}

TEST_F(read_queue_test, requests_for_one_block_share_its_read_until_it_ends)
{
	add(1, 0);
	add(1, 0);
	EXPECT_EQ(m_queue.waiting(), 1);
	m_queue.begin_read(at(1, 0));
	EXPECT_TRUE(add(1, 0)) << "it joins the read that is under way";
	EXPECT_EQ(m_queue.waiting(), 0);
	EXPECT_EQ(m_counts.wanted, 1);
	EXPECT_EQ(m_queue.end_read(at(1, 0)).jobs.size(), 3U);
	EXPECT_EQ(m_queue.find(at(1, 0)), nullptr);
	EXPECT_EQ(m_counts.wanted, 0);
}

TEST_F(read_queue_test, request_for_a_block_that_arrives_anew_does_not_join_the_older_read)
{
	add(1, 0);
	m_queue.begin_read(at(1, 0));
	m_queue.block_arrived(at(1, 0));
	m_queue.block_arrived(at(1, 1)); // nobody wants it
	EXPECT_FALSE(add(1, 0));
	EXPECT_TRUE(m_queue.end_read(at(1, 0)).overwritten);
	EXPECT_TRUE(add(1, 0));
}

TEST_F(read_queue_test, block_that_is_read_ahead_has_no_jobs_and_is_kept)
{
	m_queue.begin_read(at(2, 1));
	ASSERT_NE(m_queue.find(at(2, 1)), nullptr);
	EXPECT_FALSE(m_queue.waits(at(2, 1)));
	EXPECT_TRUE(m_queue.find(at(2, 1))->jobs.empty());
	EXPECT_TRUE(m_queue.find(at(2, 1))->keep());
	add(2, 1, false);
	EXPECT_FALSE(m_queue.find(at(2, 1))->keep()) << "the only request says that it is not to be kept";
	add(2, 1, true);
	EXPECT_TRUE(m_queue.find(at(2, 1))->keep());
}

TEST_F(read_queue_test, jobs_of_blocks_that_wait_are_taken_and_those_being_read_stay)
{
	add(0, 0);
	add(1, 0);
	add(1, 0);
	m_queue.begin_read(at(0, 0));
	EXPECT_EQ(m_queue.take_waiting().size(), 2U);
	EXPECT_EQ(m_queue.waiting(), 0);
	EXPECT_EQ(m_counts.waiting, 0);
	EXPECT_EQ(m_counts.wanted, 1);
	EXPECT_NE(m_queue.find(at(0, 0)), nullptr);
}

} // namespace
} // namespace rawswarm
