// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/raw_disk_io.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/torrent_flags.hpp>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <future>
#include <string>
#include <vector>

// The fixture checks at the end of each test that every handler was called exactly once, and in the
// thread of the io_context.

namespace rawswarm
{
namespace
{

using test::device_call;
using test::disk_fixture;
using test::extents_of;

constexpr int piece_size = 64 * 1024;
constexpr std::size_t one_mib = 1024 * 1024;

// The offset on the device, where extents_of put a single extent.
constexpr std::uint64_t device_place(int const piece, int const offset)
{
	return 512 + std::uint64_t(piece) * piece_size + std::uint64_t(offset);
}

void expect_error(lt::storage_error const& e, int const error_number, lt::operation_t const operation)
{
	EXPECT_EQ(e.ec.value(), error_number) << e.ec.message();
	EXPECT_EQ(e.operation, operation);
	EXPECT_GE(static_cast<int>(e.file()), 0);
}

std::vector<test::reply<test::nothing>> call_file_operations(disk_fixture& f)
{
	auto& io = f.io();
	auto const moved = f.expect_call();
	io.async_move_storage(f.storage(), "elsewhere", lt::move_flags_t::always_replace_files,
		f.handler_of<lt::status_t, std::string const&, lt::storage_error const&>(moved));
	auto const renamed = f.expect_call();
	io.async_rename_file(f.storage(), lt::file_index_t{0}, "other",
		f.handler_of<std::string const&, lt::file_index_t, lt::storage_error const&>(renamed));
	auto const deleted = f.expect_call();
	io.async_delete_files(f.storage(), {}, f.handler_of<lt::storage_error const&>(deleted));
	auto const prioritised = f.expect_call();
	io.async_set_file_priority(f.storage(), {},
		f.handler_of<lt::storage_error const&, lt::aux::vector<lt::download_priority_t, lt::file_index_t>>(
			prioritised));
	return {moved, renamed, deleted, prioritised};
}

TEST(raw_disk_io, every_call_is_answered_once)
{
	disk_fixture f(extents_of({one_mib}));
	auto const writes = f.write_piece(0);
	f.finish(f.read(0, 0, block_size));
	f.finish(f.hash(0));
	f.finish(writes);
	f.finish(f.hash2(0, block_size));
	f.finish(f.check());
	f.finish(f.clear(0));
	f.finish(f.release());
	f.finish(f.stop());
	auto const before = f.device().log().size();
	f.finish(call_file_operations(f));
	EXPECT_EQ(f.device().log().size(), before) << "the device has no files to rename, move or delete";
}

TEST(raw_disk_io, calls_without_a_handler_are_fine)
{
	disk_fixture f(extents_of({one_mib}));
	auto const written = f.write_block(0, 0);
	f.io().async_stop_torrent(f.storage(), {});
	f.io().async_release_files(f.storage(), {});
	f.submit();
	EXPECT_FALSE(f.finish(written));
}

TEST(raw_disk_io, torrent_without_a_target_gets_errors)
{
	disk_fixture f(extents_of({one_mib}), {.known = false});
	expect_error(f.finish(f.write_block(0, 0)), ENODEV, lt::operation_t::file_write);
	expect_error(f.finish(f.read(0, 0, block_size)).error, ENODEV, lt::operation_t::file_read);
	expect_error(f.finish(f.hash(0)).error, ENODEV, lt::operation_t::file_read);
	expect_error(f.finish(f.hash2(0, 0)).error, ENODEV, lt::operation_t::file_read);
	auto const& check = f.finish(f.check());
	EXPECT_EQ(check.status, lt::status_t::fatal_disk_error);
	expect_error(check.error, ENODEV, lt::operation_t::check_resume);
	f.finish(f.clear(0));
	f.finish(f.release());
	f.finish(f.stop());
	f.finish(call_file_operations(f));
	EXPECT_TRUE(f.device().log().empty());
}

TEST(raw_disk_io, abort_ends_jobs_in_flight_and_writes_dirty_blocks)
{
	disk_fixture f(extents_of({one_mib}), {.settings = {.memory = 0}});
	f.device().block(device_call::write);
	f.device().block(device_call::read);
	std::vector<test::reply<lt::storage_error>> writes;
	for (int p = 0; p < 6; ++p)
	{
		for (auto& w : f.write_piece(p))
		{
			writes.push_back(w);
		}
	}
	auto const hash = f.hash(0);
	auto const read_back = f.hash(10);
	auto const hash2 = f.hash2(11, 0);
	auto const read = f.read(12, 0, block_size);
	auto const stop = f.stop();
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(2));
	auto const freed = std::async(std::launch::async, [&] { f.device().release_all(); });
	f.io().abort(true);
	f.finish(writes);
	f.finish(hash);
	f.finish(read_back);
	f.finish(hash2);
	f.finish(read);
	f.finish(stop);
	for (int p = 0; p < 6; ++p)
	{
		EXPECT_EQ(f.device().bytes(device_place(p, 0), piece_size), f.piece(p)) << p;
	}
}

TEST(raw_disk_io, calls_after_an_abort_are_answered)
{
	disk_fixture f(extents_of({one_mib}));
	f.io().abort(false);
	auto const write = f.write_block(0, 0);
	auto const hash = f.hash(0);
	auto const hash2 = f.hash2(0, 0);
	auto const stop = f.stop();
	auto const clear = f.clear(0);
	f.end();
	ASSERT_TRUE(write->value && hash->value && hash2->value && stop->value && clear->value);
	EXPECT_TRUE(*write->value);
	EXPECT_TRUE(hash->value->error);
	EXPECT_TRUE(hash2->value->error);
	EXPECT_EQ(f.device().count(device_call::write), 0);
}

TEST(raw_disk_io, removing_a_torrent_writes_its_dirty_blocks)
{
	disk_fixture f(extents_of({2 * piece_size}));
	for (int const p : {0, 1})
	{
		f.write_piece(p);
	}
	f.end();
	EXPECT_TRUE(f.device_holds_image());
}

TEST(raw_disk_io, block_is_read_before_it_is_on_the_device)
{
	disk_fixture f(extents_of({one_mib}));
	f.device().block(device_call::write);
	auto const writes = f.write_piece(1);
	EXPECT_EQ(f.finish(f.read(1, block_size, block_size)).bytes, f.block(1, 1)) << "dirty";
	auto const hash = f.hash(1); // starts the write
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	EXPECT_EQ(f.finish(f.read(1, 2 * block_size, block_size)).bytes, f.block(1, 2)) << "being written";
	EXPECT_EQ(f.finish(f.read(1, 0, 100)).bytes, f.piece(1).substr(0, 100)) << "a part of a block";
	f.finish(hash);
	EXPECT_FALSE(writes[0]->value) << "a write has ended only when it is on the device";
	f.device().release_all();
	f.finish(writes);
	EXPECT_EQ(f.finish(f.read(1, 3 * block_size, block_size)).bytes, f.block(1, 3)) << "clean";
	EXPECT_EQ(f.device().count(device_call::read), 0);
}

TEST(raw_disk_io, read_may_straddle_a_block_in_memory_and_one_on_the_device)
{
	disk_fixture f(extents_of({one_mib}));
	int const start = 5000;
	auto const expected = [&](int const p) { return f.piece(p).substr(start, block_size); };

	f.device().put(device_place(0, block_size), f.block(0, 1));
	f.write_block(0, 0);
	EXPECT_EQ(f.finish(f.read(0, start, block_size)).bytes, expected(0));

	f.device().put(device_place(1, 0), f.block(1, 0));
	f.write_block(1, 1);
	EXPECT_EQ(f.finish(f.read(1, start, block_size)).bytes, expected(1));

	f.write_piece(2);
	EXPECT_EQ(f.finish(f.read(2, start, block_size)).bytes, expected(2)) << "both in memory";
	EXPECT_EQ(f.device().count(device_call::read), 2);
}

TEST(raw_disk_io, block_that_was_read_is_kept_unless_it_is_volatile)
{
	disk_fixture f(extents_of({one_mib}));
	f.put_image();
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	EXPECT_EQ(f.device().count(device_call::read), 1);
	f.finish(f.read(1, 0, block_size, lt::disk_interface::volatile_read));
	f.finish(f.read(1, 0, block_size, lt::disk_interface::volatile_read));
	EXPECT_EQ(f.device().count(device_call::read), 3);
}

TEST(raw_disk_io, extents_in_any_order_land_at_their_offsets_and_nothing_else_is_touched)
{
	disk_fixture f(
		test::scattered_extents({.count = 40}), {.torrent = {.piece_size = piece_size, .shuffled = true}});
	for (int p = 0; p < f.pieces(); ++p)
	{
		f.write_piece(p);
		EXPECT_EQ(f.finish(f.hash(p)).v1, f.info().hash_for_piece(lt::piece_index_t{p})) << p;
	}
	f.finish(f.stop());
	EXPECT_TRUE(f.device_holds_image());
	EXPECT_TRUE(f.target().complete());
}

TEST(raw_disk_io, pad_files_read_as_zeros_and_are_never_written)
{
	disk_fixture f(
		extents_of({20'000, 30'000, 100}), {.torrent = {.piece_size = piece_size, .pad_files = true}});
	std::string const garbage(block_size, 'g');
	for (int p = 0; p < f.pieces(); ++p)
	{
		// a peer's pad bytes are not trusted
		for (int b = 0; b < f.blocks(p); ++b)
		{
			auto bytes = f.block(p, b);
			auto const zeros = bytes.find(std::string(100, '\0'));
			bytes.replace(std::min(zeros, bytes.size()), std::string::npos,
				std::string(bytes.size() - std::min(zeros, bytes.size()), 'g'));
			f.write(p, b, bytes);
		}
		f.finish(f.clear(p));
	}
	EXPECT_TRUE(f.device_holds_image());
	EXPECT_EQ(f.finish(f.read(0, block_size, block_size)).bytes, f.block(0, 1));
	EXPECT_EQ(f.finish(f.read(0, 2 * block_size, block_size)).bytes, std::string(block_size, '\0'));
	EXPECT_EQ(f.finish(f.hash(1)).v1, f.info().hash_for_piece(lt::piece_index_t{1}));
}

TEST(raw_disk_io, after_stop_and_after_release_everything_is_on_the_device)
{
	disk_fixture f(extents_of({4 * piece_size}));
	for (int const p : {0, 1, 2})
	{
		f.write_piece(p);
	}
	auto const last = f.write_block(3, 0);
	f.finish(f.stop());
	EXPECT_EQ(f.device().bytes(device_place(0, 0), 3 * piece_size), f.piece(0) + f.piece(1) + f.piece(2));
	EXPECT_EQ(f.device().bytes(device_place(3, 0), block_size), f.block(3, 0));
	for (int const b : {1, 2, 3})
	{
		f.write_block(3, b);
	}
	f.finish(f.release());
	EXPECT_TRUE(f.device_holds_image());
	EXPECT_FALSE(f.finish(last));
}

TEST(raw_disk_io, stop_waits_for_a_write_that_began_before)
{
	disk_fixture f(extents_of({one_mib}));
	f.device().block(device_call::write);
	auto const writes = f.write_piece(0);
	f.finish(f.hash(0));
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	auto const stop = f.stop();
	f.finish(f.read(1, 0, block_size)); // the backend is at work
	EXPECT_FALSE(stop->value);
	f.device().release_all();
	f.finish(stop);
	EXPECT_EQ(f.device().bytes(device_place(0, 0), piece_size), f.piece(0));
	f.finish(writes);
}

TEST(raw_disk_io, pieces_that_wait_together_share_a_write)
{
	// one worker, or the stop would take some of them away
	disk_fixture f(extents_of({one_mib}), {.settings = {.memory = 4 * one_mib, .io_threads = 1}});
	for (int const p : {2, 0, 1})
	{
		f.write_piece(p);
		f.hash(p);
	}
	f.finish(f.stop());
	auto const log = f.device().log();
	ASSERT_EQ(log.size(), 1U);
	EXPECT_EQ(log[0].offset, device_place(0, 0));
	EXPECT_EQ(log[0].length, 3U * piece_size);
}

TEST(raw_disk_io, piece_is_written_once_it_has_gathered_enough)
{
	disk_fixture f(extents_of({one_mib}), {.profile = {.max_blocks = 2}});
	auto const first = f.write_block(0, 0);
	f.finish(f.read(0, 0, block_size));
	EXPECT_FALSE(first->value);
	f.finish(f.write_block(0, 1));
	EXPECT_FALSE(f.finish(first));
}

TEST(raw_disk_io, cleared_piece_may_be_written_anew)
{
	disk_fixture f(extents_of({2 * piece_size}));
	auto const wrong = test::random_bytes(99, block_size);
	for (int b = 0; b < 4; ++b)
	{
		f.write(0, b, wrong);
	}
	EXPECT_NE(f.finish(f.hash(0)).v1, f.info().hash_for_piece(lt::piece_index_t{0}));
	f.finish(f.clear(0));
	f.write_piece(0);
	f.write_piece(1);
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	EXPECT_EQ(f.finish(f.hash(0)).v1, f.info().hash_for_piece(lt::piece_index_t{0}));
	f.finish(f.stop());
	EXPECT_TRUE(f.device_holds_image());
}

TEST(raw_disk_io, piece_written_anew_is_complete_only_when_its_new_content_is_on_the_device)
{
	disk_fixture f(extents_of({piece_size}));
	for (int b = 0; b < 4; ++b)
	{
		f.write(0, b, test::random_bytes(99, block_size));
	}
	f.finish(f.clear(0));
	EXPECT_EQ(f.target().written(), piece_size);
	f.device().block(device_call::write);
	f.write_piece(0);
	f.finish(f.hash(0));
	EXPECT_EQ(f.target().verified(), piece_size);
	EXPECT_FALSE(f.target().complete());
	f.device().release_all();
	f.finish(f.stop());
	EXPECT_TRUE(f.target().complete());
}

TEST(raw_disk_io, block_that_comes_again_before_it_was_written_wins)
{
	disk_fixture f(extents_of({piece_size}));
	auto const wrong = f.write(0, 0, test::random_bytes(99, block_size));
	auto const right = f.write_piece(0);
	f.finish(f.stop());
	EXPECT_FALSE(f.finish(wrong));
	f.finish(right);
	EXPECT_TRUE(f.device_holds_image());
	EXPECT_EQ(f.target().written(), piece_size);
}

TEST(raw_disk_io, full_check_is_asked_for_when_existing_content_counts_and_is_not_trusted)
{
	lt::add_torrent_params trusted;
	trusted.flags |= lt::torrent_flags::seed_mode;
	lt::add_torrent_params untrusted;
	untrusted.flags &= ~lt::torrent_flags::seed_mode;
	for (bool const existing : {false, true})
	{
		disk_fixture f(extents_of({one_mib}), {.check_existing = existing});
		auto const expected = existing ? lt::status_t::need_full_check : lt::status_t::no_error;
		EXPECT_EQ(f.finish(f.check()).status, expected);
		EXPECT_EQ(f.finish(f.check(&untrusted)).status, expected);
		EXPECT_EQ(f.finish(f.check(&trusted)).status, lt::status_t::no_error);
	}
}

TEST(raw_disk_io, write_error_reaches_its_blocks_and_ends_the_target)
{
	disk_fixture f(extents_of({one_mib}));
	f.device().fail(device_call::write, 1, ENOSPC);
	auto const writes = f.write_piece(0);
	f.finish(f.stop());
	for (auto const& w : writes)
	{
		expect_error(f.finish(w), ENOSPC, lt::operation_t::file_write);
	}
	EXPECT_EQ(f.target_errors(), 1);
	EXPECT_TRUE(f.target().failed());

	auto const later = f.write_piece(1);
	f.finish(f.stop());
	for (auto const& w : later)
	{
		expect_error(f.finish(w), ENOSPC, lt::operation_t::file_write);
	}
	EXPECT_EQ(f.device().count(device_call::write), 1) << "nothing is written after an error";
	EXPECT_EQ(f.target_errors(), 1);
	EXPECT_EQ(f.target().written(), 0);
	EXPECT_EQ(f.blocks_in_use(), 0);
}

TEST(raw_disk_io, write_error_of_one_run_leaves_blocks_of_the_runs_before)
{
	// two extents with a gap: two runs, and block 1 lies in both
	disk_fixture f(extents_of({20'000, 100'000}));
	f.device().fail(device_call::write, 2, EIO);
	auto const writes = f.write_piece(0);
	f.finish(f.stop());
	EXPECT_FALSE(f.finish(writes[0]));
	for (std::size_t const b : {1U, 2U, 3U})
	{
		expect_error(f.finish(writes[b]), EIO, lt::operation_t::file_write);
	}
	EXPECT_EQ(f.target().written(), block_size);
}

TEST(raw_disk_io, read_error_reaches_its_handler_and_ends_the_target)
{
	disk_fixture f(extents_of({one_mib}), {.profile = {.read_ahead_blocks = 0}});
	f.put_image();
	f.device().fail(device_call::read, 1, EIO);
	auto const& r = f.finish(f.read(0, 0, block_size));
	expect_error(r.error, EIO, lt::operation_t::file_read);
	EXPECT_TRUE(r.bytes.empty());
	EXPECT_EQ(f.target_errors(), 1);
	EXPECT_EQ(f.blocks_in_use(), 0);
}

TEST(raw_disk_io, read_error_in_a_block_that_is_read_ahead_ends_nothing)
{
	disk_fixture f(extents_of({one_mib}));
	f.put_image();
	f.device().fail(device_call::read, 1, EIO); // that of all the four blocks
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	EXPECT_FALSE(f.target().failed());
}

TEST(raw_disk_io, blocks_that_follow_are_read_along_and_each_block_once)
{
	disk_fixture f(extents_of({one_mib}));
	f.put_image();
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	for (int const b : {1, 2, 3})
	{
		EXPECT_EQ(f.finish(f.read(0, b * block_size, block_size)).bytes, f.block(0, b));
	}
	EXPECT_EQ(f.device().count(device_call::read), 1);
	EXPECT_EQ(f.stats().blocks_read_ahead, 3);
	EXPECT_EQ(f.stats().blocks_read_from_cache, 3);
}

TEST(raw_disk_io, peers_that_ask_for_the_same_block_share_one_read)
{
	disk_fixture f(extents_of({one_mib}));
	f.put_image();
	f.device().block(device_call::read);
	auto const first = f.read(0, 0, block_size);
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	auto const second = f.read(0, 0, 100);
	auto const third = f.read(0, block_size, block_size); // which is read ahead
	f.device().release_all();
	EXPECT_EQ(f.finish(first).bytes, f.block(0, 0));
	EXPECT_EQ(f.finish(second).bytes, f.block(0, 0).substr(0, 100));
	EXPECT_EQ(f.finish(third).bytes, f.block(0, 1));
	EXPECT_EQ(f.device().count(device_call::read), 1);
}

TEST(raw_disk_io, reads_that_wait_come_in_the_order_of_the_device)
{
	disk_fixture f(extents_of({one_mib}), {.profile = {.readers = 1, .read_ahead_blocks = 0}});
	f.put_image();
	f.device().block(device_call::read);
	std::vector<test::reply<test::read_reply>> reads{f.read(3, 0, block_size)};
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	for (int const p : {9, 1, 5, 2})
	{
		reads.push_back(f.read(p, 0, block_size));
	}
	f.device().release_all();
	f.finish(reads);
	std::vector<std::uint64_t> offsets;
	for (auto const& call : f.device().log())
	{
		offsets.push_back(call.offset);
	}
	EXPECT_EQ(offsets,
		(std::vector{device_place(3, 0), device_place(5, 0), device_place(9, 0), device_place(1, 0),
			device_place(2, 0)}));
}

TEST(raw_disk_io, block_written_while_it_is_read_is_seen_by_later_reads)
{
	disk_fixture f(extents_of({one_mib}), {.settings = {.memory = 0}, .profile = {.read_ahead_blocks = 0}});
	f.device().block(device_call::read);
	auto const old = f.read(0, 0, block_size);
	f.submit();
	ASSERT_TRUE(f.device().wait_for_blocked(1));
	auto const writes = f.write_piece(0);
	f.finish(f.stop());
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	f.device().release_all();
	f.finish(old);
	// whether the older copy was kept or not, it answers nothing
	for (int p = 1; p < 16; ++p)
	{
		f.write_piece(p);
		f.finish(f.stop());
	}
	EXPECT_EQ(f.finish(f.read(0, 0, block_size)).bytes, f.block(0, 0));
	f.finish(writes);
}

TEST(raw_disk_io, old_blocks_are_written_though_their_piece_is_not_complete)
{
	disk_fixture f(
		extents_of({one_mib}), {.profile = {.min_blocks = 2, .timeout = std::chrono::milliseconds(50)}});
	auto const lone = f.write_block(0, 0);
	auto const first = f.write_block(1, 0);
	auto const second = f.write_block(1, 1);
	f.finish(first);
	f.finish(second);
	EXPECT_FALSE(lone->value) << "one block is not worth a write yet";
	EXPECT_EQ(f.stats().flushes_for(flush_reason::age), 1);
	f.finish(lone);
	EXPECT_EQ(f.stats().flushes_for(flush_reason::age), 2) << "but it does not wait for ever";
	EXPECT_EQ(f.device().count(device_call::write), 2);
}

TEST(raw_disk_io, hash_is_taken_while_the_piece_arrives)
{
	disk_fixture f(extents_of({2 * one_mib}), {.torrent = {.piece_size = one_mib}});
	for (int b = 0; b < 40; ++b)
	{
		f.write_block(0, b);
	}
	EXPECT_TRUE(f.run_until([&] { return f.stats().blocks_hashed >= 32; }));
	for (int b = 40; b < 64; ++b)
	{
		f.write_block(0, b);
	}
	EXPECT_EQ(f.finish(f.hash(0)).v1, f.info().hash_for_piece(lt::piece_index_t{0}));
	EXPECT_EQ(f.stats().blocks_hashed, 64) << "each block once";
	EXPECT_EQ(f.device().count(device_call::read), 0);
}

TEST(raw_disk_io, block_that_comes_again_is_hashed_again)
{
	disk_fixture f(extents_of({one_mib}), {.torrent = {.piece_size = one_mib}});
	for (int b = 0; b < 32; ++b)
	{
		f.write(0, b, test::random_bytes(7, block_size));
	}
	EXPECT_TRUE(f.run_until([&] { return f.stats().blocks_hashed >= 32; }));
	f.write_piece(0);
	EXPECT_EQ(f.finish(f.hash(0)).v1, f.info().hash_for_piece(lt::piece_index_t{0}));
}

TEST(raw_disk_io, settings_may_change_while_it_runs)
{
	disk_fixture f(extents_of({one_mib}));
	auto settings = f.context().settings();
	settings.memory = 0; // the smallest pool
	settings.io_threads = 1;
	settings.hash_threads = 0;
	settings.coalesce.max_blocks = 1;
	f.context().change_settings(settings);
	f.io().settings_updated();
	EXPECT_EQ(f.stats().pool_blocks, 64);
	f.finish(f.write_block(0, 0));
	EXPECT_EQ(f.stats().flushes_for(flush_reason::full_run), 1);
	settings.memory = 8 * one_mib;
	settings.coalesce = {};
	f.context().change_settings(settings);
	f.io().settings_updated();
	EXPECT_EQ(f.stats().pool_blocks, 512);
	for (int p = 1; p < 16; ++p)
	{
		f.write_piece(p);
		EXPECT_EQ(f.finish(f.hash(p)).v1, f.info().hash_for_piece(lt::piece_index_t{p}));
	}
}

TEST(raw_disk_io, read_error_while_hashing_reaches_its_handler_and_ends_the_target)
{
	disk_fixture f(extents_of({one_mib}));
	f.device().fail(device_call::read, 1, EIO);
	expect_error(f.finish(f.hash(0)).error, EIO, lt::operation_t::file_read);
	f.device().fail(device_call::read, 1, ENXIO);
	expect_error(f.finish(f.hash2(0, 0)).error, ENXIO, lt::operation_t::file_read);
	EXPECT_EQ(f.target_errors(), 1);
	EXPECT_EQ(f.target().first_error()->ec, system_error(EIO));
}

} // namespace
} // namespace rawswarm
