// SPDX-License-Identifier: BSD-3-Clause
// The backend with hardly any memory at all.
#include "storage/backend/buffer_pool.hpp"
#include "storage/backend/raw_disk_io.hpp"
#include "tests/support/base/random_seed.hpp"
#include "tests/support/device/small_disk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::disk_fixture;
using test::extents_of;
using test::one_mib;
using test::piece_size;
using test::tiny;

// 64 pieces of one block each.
test::disk_options one_block_pieces()
{
	return {.torrent = {.piece_size = block_size}, .settings = tiny};
}

// A swarm of peers that bring blocks until they are told to wait.
class tiny_swarm
{
public:
	explicit tiny_swarm(disk_fixture& f, std::uint32_t const seed)
		: m_fixture(f)
		, m_missing(static_cast<std::size_t>(f.pieces()))
	{
		std::vector<std::pair<int, int>> blocks;
		for (int p = 0; p < f.pieces(); ++p)
		{
			m_missing[static_cast<std::size_t>(p)] = f.blocks(p);
			for (int b = 0; b < f.blocks(p); ++b)
			{
				blocks.emplace_back(p, b);
			}
		}
		std::shuffle(blocks.begin(), blocks.end(), std::mt19937(seed));
		m_blocks.assign(blocks.begin(), blocks.end());
	}

	// False if every peer waits.
	bool bring_a_block_each()
	{
		bool any = false;
		for (auto& p : m_peers)
		{
			p.waits = p.waits && p.observer->woken < p.stops;
			if (!p.waits && !m_blocks.empty())
			{
				bring(p);
				any = true;
			}
		}
		return any;
	}

	bool is_done() const { return m_blocks.empty(); }
	bool all_woken() const
	{
		return std::ranges::all_of(m_peers, [](peer const& p) { return p.observer->woken == p.stops; });
	}
	bool any_woken() const
	{
		return std::ranges::any_of(
			m_peers, [](peer const& p) { return !p.waits || p.observer->woken == p.stops; });
	}

private:
	struct peer
	{
		std::shared_ptr<test::test_peer> observer = std::make_shared<test::test_peer>();
		int stops = 0;
		bool waits = false;
	};

	void bring(peer& p)
	{
		auto const [piece, block] = m_blocks.front();
		m_blocks.pop_front();
		m_fixture.write(piece, block, m_fixture.block(piece, block), p.observer, &p.waits);
		p.stops += p.waits ? 1 : 0;
		if (--m_missing[static_cast<std::size_t>(piece)] == 0)
		{
			m_fixture.hash(piece);
		}
	}

	disk_fixture& m_fixture;
	std::vector<int> m_missing; // blocks, by piece
	std::deque<std::pair<int, int>> m_blocks;
	std::array<peer, 5> m_peers;
};

TEST(raw_disk_io_memory, many_partial_pieces_in_a_tiny_pool_wake_every_peer_and_lose_nothing)
{
	auto const seed = test::random_seed();
	disk_fixture f(extents_of({30 * piece_size + 777, 20 * piece_size}), {.settings = tiny});
	tiny_swarm swarm(f, seed);

	f.device().block(device_call::write);
	while (swarm.bring_a_block_each())
	{
		f.submit();
		ASSERT_LE(f.blocks_in_use(), buffer_pool::min_blocks);
	}
	f.device().release_all();
	while (!swarm.is_done())
	{
		ASSERT_TRUE(f.run_until([&] { return swarm.any_woken(); })) << "all peers sleep";
		swarm.bring_a_block_each();
		ASSERT_LE(f.blocks_in_use(), buffer_pool::min_blocks);
	}
	EXPECT_TRUE(f.run_until([&] { return swarm.all_woken(); })) << "a peer was left asleep";
	EXPECT_GT(f.stats().peers_stopped, 0);

	f.finish(f.stop());
	EXPECT_TRUE(f.device_holds_image());
	EXPECT_TRUE(f.run_until([&] { return f.target().complete(); })) << f.target().verified();
}

TEST(raw_disk_io_memory, peers_that_bring_much_after_memory_ran_short_are_woken)
{
	disk_fixture f(extents_of({one_mib}), one_block_pieces());
	auto const peer = std::make_shared<test::test_peer>();
	f.device().block(device_call::write);
	bool waits = false;
	int stops = 0;
	auto const bring = [&](int const from, int const to) {
		for (int p = from; p < to; ++p)
		{
			f.write(p, 0, f.piece(p), peer, &waits);
			stops += waits ? 1 : 0;
		}
		f.submit();
	};
	// of 64 blocks 16 are left to reading back, and 12 to what peers deliver once they are stopped
	bring(0, 34); // memory is urgent: a worker writes these
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	EXPECT_EQ(stops, 0);
	bring(34, 46); // but not these
	EXPECT_GT(stops, 0);
	f.device().release_all();
	EXPECT_TRUE(f.run_until([&] { return peer->woken > 0; }));
	EXPECT_EQ(peer->woken, 1) << "for " << stops << " blocks that it was told to wait after";
}

// Both hash threads read back 16 blocks at once while 50 peers bring what they had on the way.
TEST(raw_disk_io_memory, pieces_that_are_read_back_leave_arriving_blocks_their_memory)
{
	constexpr int peers = 50;
	disk_fixture f(extents_of({100 * 16 * block_size}),
		{.torrent = {.piece_size = 16 * block_size}, .settings = {.memory = 256 * block_size}});
	for (int p = 0; p < 50; ++p)
	{
		auto const written = f.write_piece(p);
		f.finish(f.hash(p));
		f.finish(written); // or a busy machine, whose workers come late, is beyond the budget here already
	}
	f.device().block(device_call::read);
	f.hash(0); // it was hashed, and left memory
	f.hash(1);
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(2));

	f.device().block(device_call::write);
	auto const peer = std::make_shared<test::test_peer>();
	bool waits = false;
	int next = 50 * 16;
	for (; !waits; ++next)
	{
		f.write(next / 16, next % 16, f.block(next / 16, next % 16), peer, &waits);
	}
	for (int i = 1; i < peers; ++i, ++next)
	{
		f.write(next / 16, next % 16, f.block(next / 16, next % 16));
	}
	EXPECT_EQ(f.stats().blocks_beyond_budget, 0);
	f.device().release_all();
	f.finish(f.stop());
}

TEST(raw_disk_io_memory,
	exhausted_pool_takes_a_block_beyond_the_budget_rather_than_write_in_the_network_thread)
{
	disk_fixture f(extents_of({2 * one_mib}), {.settings = tiny});
	for (int p = 0; p < 16; ++p)
	{
		f.write_piece(p);
	}
	EXPECT_EQ(f.blocks_in_use(), buffer_pool::min_blocks);
	f.device().block(device_call::write);
	auto const beyond = f.write_block(16, 0);
	EXPECT_EQ(f.stats().blocks_beyond_budget, 1);
	EXPECT_EQ(f.blocks_in_use(), buffer_pool::min_blocks + 1);
	EXPECT_EQ(f.finish(f.read(16, 0, block_size)).bytes, f.block(16, 0));
	f.device().release_all();
	f.finish(f.stop());
	EXPECT_FALSE(f.finish(beyond));
	EXPECT_TRUE(f.run_until([&] { return f.blocks_in_use() <= buffer_pool::min_blocks; }));
	EXPECT_EQ(f.device().bytes(512, 16 * piece_size + block_size).substr(16 * piece_size), f.block(16, 0));
}

TEST(raw_disk_io_memory, block_beyond_the_budget_is_not_hidden_by_an_older_copy)
{
	disk_fixture f(extents_of({2 * one_mib}), {.settings = tiny});
	f.write(0, 0, std::string(block_size, 'w'));
	f.finish(f.stop());
	// a reader keeps the old copy from being evicted
	auto const old = f.read_and_hold(0, 0, block_size);
	f.finish(old);
	for (int b = 0; b < buffer_pool::min_blocks - 1; ++b)
	{
		f.write_block(1 + b / 4, b % 4);
	}
	f.write_block(0, 0);
	EXPECT_EQ(f.stats().blocks_beyond_budget, 1);
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	EXPECT_EQ(old->value->buffer.data()[0], 'w') << "whoever read it before keeps what was read";
}

TEST(raw_disk_io_memory, reads_beyond_their_share_of_the_pool_wait_for_buffers_to_come_back)
{
	disk_fixture f(extents_of({one_mib}), one_block_pieces());
	f.put_image();
	std::vector<test::reply<test::read_reply>> reads;
	for (int p = 0; p < f.pieces(); ++p)
	{
		reads.push_back(f.read_and_hold(p, 0, block_size));
	}
	auto const is_answered = [](auto const& r) { return r->value.has_value(); };
	std::size_t answered = 0;
	while (!reads.empty())
	{
		ASSERT_TRUE(f.run_until([&] { return std::ranges::any_of(reads, is_answered); })) << answered;
		auto const r = std::ranges::find_if(reads, is_answered);
		EXPECT_EQ((*r)->value->bytes.size(), std::size_t(block_size));
		EXPECT_LE(f.blocks_in_use(), buffer_pool::min_blocks);
		(*r)->value->buffer.reset();
		reads.erase(r);
		++answered;
	}
	EXPECT_EQ(answered, std::size_t(f.pieces()));
}

TEST(raw_disk_io_memory, reads_that_wait_end_with_an_abort)
{
	disk_fixture f(extents_of({one_mib}), one_block_pieces());
	f.put_image();
	std::vector<test::reply<test::read_reply>> reads;
	for (int p = 0; p < f.pieces(); ++p)
	{
		reads.push_back(f.read_and_hold(p, 0, block_size));
	}
	f.finish(f.release());
	f.io().abort(false);
	f.finish(reads);
	int aborted = 0;
	for (auto const& r : reads)
	{
		aborted += r->value->error ? 1 : 0;
		EXPECT_TRUE(!r->value->error || static_cast<int>(r->value->error.file()) == 0);
	}
	EXPECT_GT(aborted, 0);
}

TEST(raw_disk_io_memory, read_that_found_every_block_dirty_comes_after_a_write)
{
	// one writer, so that a thread is left to read
	disk_fixture f(extents_of({2 * one_mib}), {.settings = tiny, .profile = {.writers = 1}});
	f.put_image();
	f.device().block(device_call::write);
	for (int p = 0; p < 16; ++p)
	{
		f.write_piece(p);
	}
	ASSERT_EQ(f.blocks_in_use(), buffer_pool::min_blocks);
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	auto const read = f.read(20, 0, block_size);
	auto const straddling = f.read(21, 5, block_size);
	EXPECT_EQ(f.finish(f.hash(20)).v1, f.info().hash_for_piece(lt::piece_index_t{20}))
		<< "it has one of its own";
	EXPECT_FALSE(read->value);
	f.device().release_all();
	EXPECT_EQ(f.finish(read).bytes, f.block(20, 0));
	EXPECT_EQ(f.finish(straddling).bytes, f.piece(21).substr(5, block_size));
}

} // namespace
} // namespace rawswarm
