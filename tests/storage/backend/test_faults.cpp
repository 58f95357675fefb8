// SPDX-License-Identifier: BSD-3-Clause
// A device that fails, splits, stalls and forgets, under the whole backend. Nothing may hang, and no block
// may be reported as written, or as safe, that is not.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/random_seed.hpp"
#include "tests/support/device/small_disk.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <tuple>
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

// Two extents that share a piece, and runs that one write does not carry.
std::vector<test::torrent_file> two_extents()
{
	return extents_of({5 * piece_size + 5000, 3 * piece_size + 123});
}

struct sent_block
{
	int piece = 0;
	int block = 0;
	test::reply<lt::storage_error> reply;
};

std::vector<sent_block> send_all(disk_fixture& f)
{
	std::vector<sent_block> sent;
	for (int p = 0; p < f.pieces(); ++p)
	{
		for (int b = 0; b < f.blocks(p); ++b)
		{
			sent.push_back({p, b, f.write_block(p, b)});
		}
		f.hash(p);
		f.submit();
	}
	return sent;
}

// Whether the bytes of the block are on the device.
bool is_on_device(disk_fixture& f, sent_block const& s)
{
	auto const length = f.block_length(s.piece, s.block);
	std::size_t done = 0;
	auto const expected = f.block(s.piece, s.block);
	for (auto const& part :
		f.target().extents().map(lt::piece_index_t{s.piece}, s.block * block_size, length))
	{
		auto const bytes = static_cast<std::size_t>(part.length);
		if (f.device().bytes(part.offset->bytes, bytes) != expected.substr(done, bytes))
		{
			return false;
		}
		done += bytes;
	}
	return true;
}

class failing_write : public ::testing::TestWithParam<std::tuple<int, int>>
{};

TEST_P(failing_write, nothing_is_reported_written_that_is_not)
{
	auto const [error_number, max_blocks] = GetParam();
	int n = 1;
	for (bool failed = true; failed; ++n)
	{
		SCOPED_TRACE(n);
		disk_fixture f(two_extents(), {.profile = {.max_blocks = max_blocks}});
		f.device().fail(device_call::write, n, error_number);
		auto const sent = send_all(f);
		f.finish(f.stop());
		std::int64_t on_device = 0;
		for (auto const& s : sent)
		{
			auto const e = f.finish(s.reply);
			bool const there = is_on_device(f, s);
			EXPECT_TRUE(e || there) << s.piece << " " << s.block;
			EXPECT_TRUE(!e || e.ec.value() == error_number) << e.ec.message();
			on_device += there ? f.block_length(s.piece, s.block) : 0;
		}
		failed = f.target().failed();
		EXPECT_LE(f.target().written(), on_device);
		EXPECT_EQ(f.target_errors(), failed ? 1 : 0);
		EXPECT_TRUE(failed || f.run_until([&] { return f.target().complete(); })) << "once all is hashed";
		EXPECT_FALSE(failed && f.target().complete());
		EXPECT_EQ(f.stats().pool_dirty + f.stats().pool_writing, 0);
	}
	EXPECT_GT(n, 2) << "every write of the run had its turn";
}

INSTANTIATE_TEST_SUITE_P(errors, failing_write,
	::testing::Values(std::tuple(EIO, 64), std::tuple(EIO, 1), std::tuple(ENOSPC, 64)),
	[](auto const& param) {
		return std::string(std::get<0>(param.param) == EIO ? "io_error" : "no_space") + "_of_"
			+ std::to_string(std::get<1>(param.param)) + "_blocks";
	});

TEST(faults, short_and_interrupted_writes_are_carried_to_their_end)
{
	auto const seed = test::random_seed();
	disk_fixture f(two_extents());
	f.device().split_writes(seed);
	send_all(f);
	f.finish(f.stop());
	EXPECT_TRUE(f.device_holds_image());
	EXPECT_TRUE(f.run_until([&] { return f.target().complete(); }));
	EXPECT_EQ(f.target_errors(), 0);
}

TEST(faults, slow_device_stops_peers_and_everything_comes_in_the_end)
{
	disk_fixture f(extents_of({4 * one_mib}), {.settings = {.memory = one_mib}});
	auto const peer = std::make_shared<test::test_peer>();
	f.device().block(device_call::write);
	std::vector<test::reply<lt::storage_error>> writes;
	int stops = 0;
	for (int p = 0; p < f.pieces(); ++p)
	{
		for (int b = 0; b < f.blocks(p); ++b)
		{
			bool wait = false;
			writes.push_back(f.write(p, b, f.block(p, b), peer, &wait));
			f.submit();
			if (wait)
			{
				++stops;
				ASSERT_EQ(peer->woken, stops - 1) << "nothing was written";
				f.device().release_all();
				ASSERT_TRUE(f.run_until([&] { return peer->woken == stops; }));
				f.device().block(device_call::write);
			}
		}
		f.hash(p);
	}
	f.device().release_all();
	f.finish(f.stop());
	f.finish(writes);
	EXPECT_GT(stops, 1);
	EXPECT_EQ(f.stats().peers_stopped, stops);
	EXPECT_GT(f.stats().stopped_us, 0);
	EXPECT_TRUE(f.device_holds_image());
	EXPECT_TRUE(f.run_until([&] { return f.target().complete(); }));
}

TEST(faults, after_a_crash_all_is_there_that_was_reported_safe)
{
	disk_fixture f(two_extents());
	std::vector<sent_block> safe;
	for (int p = 0; p < f.pieces(); ++p)
	{
		std::vector<sent_block> sent;
		for (int b = 0; b < f.blocks(p); ++b)
		{
			sent.push_back({p, b, f.write_block(p, b)});
		}
		f.finish(f.hash(p));
		if (p % 3 != 0)
		{
			continue; // written at some time, or not
		}
		for (auto const& s : sent)
		{
			EXPECT_FALSE(f.finish(s.reply));
			safe.push_back(s);
		}
		ASSERT_TRUE(f.target().sync());
	}
	auto const synced = f.target().synced();
	EXPECT_GT(synced, 0);
	f.finish(f.stop());
	f.device().crash();
	std::int64_t there = 0;
	for (int p = 0; p < f.pieces(); ++p)
	{
		for (int b = 0; b < f.blocks(p); ++b)
		{
			there += is_on_device(f, {p, b, nullptr}) ? f.block_length(p, b) : 0;
		}
	}
	EXPECT_LE(synced, there);
	for (auto const& s : safe)
	{
		EXPECT_TRUE(is_on_device(f, s)) << s.piece << " " << s.block;
	}
}

TEST(faults, sync_that_fails_ends_the_target_and_makes_nothing_safe)
{
	disk_fixture f(two_extents());
	send_all(f);
	f.finish(f.stop());
	f.device().fail(device_call::sync, 1, EIO);
	EXPECT_FALSE(f.target().sync());
	EXPECT_EQ(f.target().synced(), 0);
	EXPECT_TRUE(f.target().failed());
	EXPECT_FALSE(f.target().complete());
	EXPECT_EQ(f.target_errors(), 1);
}

// 50 peers, each at a piece of its own: 50 MiB of partial pieces, and 4 MiB of memory.
TEST(faults, fifty_partial_pieces_in_four_mebibytes_come_to_an_end)
{
	constexpr int peers = 50;
	disk_fixture f(extents_of({peers * one_mib}),
		{.torrent = {.piece_size = static_cast<int>(one_mib)}, .settings = {.memory = 4 * one_mib}});
	std::vector<std::shared_ptr<test::test_peer>> observers;
	std::vector<int> next(peers, 0);
	std::vector<int> stops(peers, 0);
	for (int i = 0; i < peers; ++i)
	{
		observers.push_back(std::make_shared<test::test_peer>());
	}
	auto const index = [](int const i) { return static_cast<std::size_t>(i); };
	auto const may_bring = [&](int const i) {
		return next[index(i)] < 64 && observers[index(i)]->woken == stops[index(i)];
	};
	int left = peers * 64;
	while (left > 0)
	{
		for (int i = 0; i < peers; ++i)
		{
			if (!may_bring(i))
			{
				continue;
			}
			bool wait = false;
			auto const b = next[index(i)]++;
			f.write(i, b, f.block(i, b), observers[index(i)], &wait);
			stops[index(i)] += wait ? 1 : 0;
			--left;
			if (b == 63)
			{
				f.hash(i);
			}
			ASSERT_LE(f.blocks_in_use(), 256);
		}
		ASSERT_TRUE(f.run_until([&] {
			for (int i = 0; i < peers; ++i)
			{
				if (may_bring(i))
				{
					return true;
				}
			}
			return left == 0;
		})) << "all peers sleep";
	}
	f.finish(f.stop());
	EXPECT_TRUE(f.run_until([&] {
		bool all = true;
		for (int i = 0; i < peers; ++i)
		{
			all = all && observers[index(i)]->woken == stops[index(i)];
		}
		return all && f.target().complete();
	}));
	EXPECT_GT(f.stats().peers_stopped, 0);
	EXPECT_GT(f.stats().flushes_for(flush_reason::memory), 0);
	EXPECT_TRUE(f.device_holds_image());
}

TEST(faults, counters_add_up)
{
	disk_fixture f(extents_of({4 * one_mib}), {.torrent = {.piece_size = static_cast<int>(one_mib)}});
	auto const sent = send_all(f);
	f.finish(f.stop());
	EXPECT_TRUE(f.run_until([&] { return f.target().complete(); }));
	auto const& s = f.stats();
	auto const blocks = static_cast<std::int64_t>(sent.size());
	EXPECT_EQ(s.blocks_written, blocks);
	EXPECT_EQ(s.blocks_beyond_budget, 0);
	EXPECT_EQ(s.write_latency.count(), blocks);
	EXPECT_EQ(s.blocks_hashed, blocks);
	EXPECT_EQ(s.pool_dirty + s.pool_writing + s.pool_reading + s.pool_handed_out, 0);
	EXPECT_EQ(s.pool_clean, f.blocks_in_use());
	std::int64_t flushes = 0;
	for (auto const& n : s.flushes)
	{
		flushes += n;
	}
	EXPECT_GE(flushes, f.pieces());
}

} // namespace
} // namespace rawswarm
