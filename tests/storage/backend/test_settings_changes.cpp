// SPDX-License-Identifier: BSD-3-Clause
// Settings that change while blocks are under way.
#include "storage/backend/buffer_pool.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::disk_fixture;
using test::extents_of;

constexpr std::size_t mib = 1024 * 1024;

class settings_changes : public ::testing::Test
{
protected:
	void change(std::function<void(storage_settings&)> const& f)
	{
		auto s = fixture.context().settings();
		f(s);
		fixture.context().change_settings(s);
		fixture.io().settings_updated();
	}

	// Blocks in the torrent's order, until the peer has to wait. The device takes none of them.
	void bring_until_stopped()
	{
		fixture.device().block(device_call::write);
		for (bool wait = false; !wait; ++blocks)
		{
			writes.push_back(
				fixture.write(blocks / 4, blocks % 4, fixture.block(blocks / 4, blocks % 4), peer, &wait));
		}
		fixture.submit();
		ASSERT_TRUE(fixture.device().wait_for_blocked(1));
		ASSERT_EQ(peer->woken, 0);
	}

	void bring_the_rest()
	{
		for (; blocks < fixture.pieces() * 4; ++blocks)
		{
			writes.push_back(fixture.write_block(blocks / 4, blocks % 4));
			if (blocks % 4 == 3)
			{
				fixture.finish(fixture.hash(blocks / 4));
				fixture.finish(writes);
			}
		}
	}

	void expect_all_is_well()
	{
		for (int p = 0; p < fixture.pieces(); ++p)
		{
			EXPECT_EQ(fixture.finish(fixture.hash(p)).v1, lt::hasher(fixture.piece(p)).final()) << p;
		}
		fixture.finish(fixture.stop());
		for (auto const& w : writes)
		{
			EXPECT_FALSE(fixture.finish(w));
		}
		EXPECT_TRUE(fixture.device_holds_image());
		EXPECT_TRUE(fixture.run_until([&] { return fixture.target().complete(); }));
	}

	disk_fixture fixture{extents_of({6 * mib}),
		{.settings = {.memory = 4 * mib}, .profile = {.max_blocks = 4, .min_blocks = 1}}};
	std::shared_ptr<test::test_peer> peer = std::make_shared<test::test_peer>();
	std::vector<test::reply<lt::storage_error>> writes;
	int blocks = 0;
};

TEST_F(settings_changes, smaller_budget_wakes_peers_and_holds_as_blocks_arrive)
{
	bring_until_stopped();
	ASSERT_GT(fixture.blocks_in_use(), buffer_pool::min_blocks);
	change([](auto& s) { s.memory = 0; });
	EXPECT_EQ(fixture.stats().pool_blocks, buffer_pool::min_blocks);
	fixture.device().release_all();
	EXPECT_TRUE(fixture.run_until([&] { return peer->woken == 1; }));
	bring_the_rest();
	EXPECT_LE(fixture.blocks_in_use(), buffer_pool::min_blocks);
	expect_all_is_well();
}

TEST_F(settings_changes, smaller_budget_holds_once_the_dirty_blocks_are_written)
{
	bring_until_stopped();
	change([](auto& s) { s.memory = 0; });
	fixture.device().release_all();
	fixture.finish(writes);
	EXPECT_TRUE(fixture.run_until([&] { return fixture.blocks_in_use() <= buffer_pool::min_blocks; }))
		<< fixture.blocks_in_use() << " blocks, though no more may come";
}

TEST_F(settings_changes, smaller_budget_gives_up_clean_blocks_at_once)
{
	for (; blocks < 250; ++blocks)
	{
		writes.push_back(fixture.write_block(blocks / 4, blocks % 4));
	}
	fixture.finish(fixture.stop());
	EXPECT_EQ(fixture.blocks_in_use(), 250);
	change([](auto& s) { s.memory = mib; });
	EXPECT_TRUE(fixture.run_until([&] { return fixture.blocks_in_use() <= 64; }));
	bring_the_rest();
	expect_all_is_well();
}

TEST_F(settings_changes, larger_budget_wakes_peers_though_nothing_was_written)
{
	bring_until_stopped();
	change([](auto& s) { s.memory = 16 * mib; });
	EXPECT_TRUE(fixture.run_until([&] { return peer->woken == 1; }));
	EXPECT_EQ(fixture.stats().blocks_written, 0);
	fixture.device().release_all();
	bring_the_rest();
	expect_all_is_well();
}

TEST_F(settings_changes, threads_that_are_taken_away_in_the_middle_of_a_write_lose_nothing)
{
	bring_until_stopped();
	change([](auto& s) { s.io_threads = s.hash_threads = 0; });
	fixture.device().release_all();
	EXPECT_TRUE(fixture.run_until([&] { return peer->woken == 1; }));
	bring_the_rest();
	change([](auto& s) { s.io_threads = s.hash_threads = 3; });
	expect_all_is_well();
}

TEST_F(settings_changes, shorter_age_counts_for_blocks_that_wait_already)
{
	change([](auto& s) {
		s.coalesce.max_blocks = 64;
		s.coalesce.timeout = std::chrono::hours(1);
	});
	auto const write = fixture.write_block(0, 0);
	fixture.finish(fixture.read(0, 0, block_size));
	EXPECT_FALSE(write->value);
	change([](auto& s) { s.coalesce.timeout = std::chrono::milliseconds(0); });
	EXPECT_FALSE(fixture.finish(write));
	EXPECT_EQ(fixture.stats().flushes_for(flush_reason::age), 1);
}

} // namespace
} // namespace rawswarm
