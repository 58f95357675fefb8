// SPDX-License-Identifier: BSD-3-Clause
// A device that holds writes and reads back while more requests come, with the largest number of threads.
#include "storage/backend/buffer_pool.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>

#include <string>
#include <thread>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::disk_fixture;
using test::extents_of;

constexpr std::size_t mib = 1024 * 1024;
constexpr lt::disk_job_flags_t check_flags =
	lt::disk_interface::v1_hash | lt::disk_interface::sequential_access | lt::disk_interface::volatile_read;

class blocked_device : public ::testing::TestWithParam<int>
{
protected:
	blocked_device()
		: f(extents_of({mib}), {.settings = {.memory = 4 * mib, .io_threads = GetParam(), .hash_threads = 1}})
	{}

	std::vector<test::reply<lt::storage_error>> begin_to_write(int const piece)
	{
		f.device().block(device_call::write);
		auto writes = f.write_piece(piece);
		f.finish(f.hash(piece));
		EXPECT_TRUE(f.device().wait_for_blocked(1));
		return writes;
	}

	// Answered by the hashing thread, so that earlier requests have had their chance.
	void let_others_work() { f.finish(f.hash(9, check_flags)); }

	void expect_piece_can_be_written(int const piece)
	{
		f.write_piece(piece);
		EXPECT_EQ(f.finish(f.hash(piece)).v1, lt::hasher(f.piece(piece)).final());
		f.finish(f.stop());
		EXPECT_EQ(f.finish(f.hash(piece, check_flags)).v1, lt::hasher(f.piece(piece)).final());
	}

	disk_fixture f;
};

TEST_P(blocked_device, clear_waits_for_blocks_that_are_being_written)
{
	auto const writes = begin_to_write(0);
	auto const cleared = f.clear(0);
	f.submit();
	let_others_work();
	EXPECT_FALSE(cleared->value) << "or the piece could come anew, and its older copy be written over it";
	f.device().release_all();
	f.finish(cleared);
	f.finish(writes);
	expect_piece_can_be_written(0);
}

TEST_P(blocked_device, stop_and_release_wait_for_writes_under_way_and_write_the_rest)
{
	auto const writes = begin_to_write(0);
	auto const rest = f.write_piece(1);
	auto const stopped = f.stop();
	auto const released = f.release();
	f.submit();
	let_others_work();
	EXPECT_FALSE(stopped->value);
	EXPECT_FALSE(released->value);
	f.device().release_all();
	f.finish(stopped);
	EXPECT_EQ(f.device().bytes(512, 128 * 1024), f.piece(0) + f.piece(1));
	f.finish(released);
	f.finish(writes);
	f.finish(rest);
}

TEST_P(blocked_device, everything_at_once_comes_to_an_end)
{
	auto const writes = begin_to_write(0);
	std::vector<test::reply<test::nothing>> calls;
	std::vector<test::reply<test::read_reply>> reads;
	for (int p = 0; p < 4; ++p)
	{
		f.write_piece(p + 4);
		reads.push_back(f.read(p, 0, block_size));
		reads.push_back(f.read(p + 4, 100, block_size));
		f.hash(p + 4);
		calls.push_back(f.clear(p));
		calls.push_back(f.clear(p + 4));
		calls.push_back(f.stop());
		f.submit();
	}
	let_others_work();
	f.device().release_all();
	f.finish(calls);
	f.finish(reads);
	f.finish(writes);
	for (auto const& r : reads)
	{
		EXPECT_FALSE(r->value->error);
	}
	for (int const p : {0, 4, 5, 6, 7})
	{
		EXPECT_EQ(f.finish(f.hash(p, check_flags)).v1, lt::hasher(f.piece(p)).final()) << p;
	}
}

TEST_P(blocked_device, abort_without_waiting_answers_all_once_the_device_goes_on)
{
	auto const writes = begin_to_write(0);
	auto const dirty = f.write_piece(1);
	auto const read = f.read(2, 0, block_size);
	auto const straddling = f.read(2, 7, block_size);
	auto const hash = f.hash(1);
	auto const cleared = f.clear(1);
	f.io().abort(false);
	f.device().release_all();
	f.finish(writes);
	f.finish(dirty);
	f.finish(read);
	f.finish(straddling);
	f.finish(hash);
	f.finish(cleared);
	EXPECT_EQ(f.device().bytes(512, 128 * 1024), f.piece(0) + f.piece(1)) << "what was taken is written";
}

INSTANTIATE_TEST_SUITE_P(threads, blocked_device, ::testing::Values(1, 2, 8),
	[](auto const& param) { return "of_" + std::to_string(param.param); });

TEST(hanging_device, block_that_comes_again_while_it_is_written_is_written_after_it)
{
	disk_fixture f(extents_of({mib}), {.profile = {.writers = 1}});
	f.device().block(device_call::write);
	std::vector<test::reply<lt::storage_error>> writes;
	for (int b = 0; b < 4; ++b)
	{
		writes.push_back(f.write(0, b, std::string(block_size, 'w')));
	}
	f.finish(f.hash(0));
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	for (auto const& again : {std::string(block_size, 'v'), f.block(0, 2)})
	{
		writes.push_back(f.write(0, 2, again)); // returns although the device hangs
	}
	for (int const b : {0, 1, 3})
	{
		writes.push_back(f.write_block(0, b));
	}
	EXPECT_EQ(f.finish(f.read(0, 2 * block_size, block_size)).bytes, f.block(0, 2));
	EXPECT_EQ(f.finish(f.hash(0)).v1, f.info().hash_for_piece(lt::piece_index_t{0}));
	EXPECT_EQ(f.target().written(), 0);
	EXPECT_FALSE(f.target().complete());
	f.device().release_all();
	f.finish(f.stop());
	f.finish(writes);
	EXPECT_EQ(f.device().bytes(512, 64 * 1024), f.piece(0));
	EXPECT_EQ(f.target().written(), 64 * 1024);
}

TEST(hanging_device, network_thread_goes_on_when_memory_is_full)
{
	disk_fixture f(extents_of({2 * mib}), {.settings = {.memory = 0}});
	f.device().block(device_call::write);
	std::vector<test::reply<lt::storage_error>> writes;
	for (int b = 0; b < 2 * buffer_pool::min_blocks; ++b)
	{
		writes.push_back(f.write_block(b / 4, b % 4)); // would never return if it waited for the device
		f.submit();
	}
	EXPECT_GT(f.blocks_in_use(), buffer_pool::min_blocks);
	f.device().release_all();
	f.finish(f.stop());
	f.finish(writes);
	EXPECT_TRUE(f.device_holds_image());
}

} // namespace
} // namespace rawswarm
