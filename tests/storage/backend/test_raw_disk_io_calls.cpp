// SPDX-License-Identifier: BSD-3-Clause
// Each call is answered once; what stop, release and abort promise. The fixture checks at the end of each
// test that every handler was called exactly once, and in the thread of the io_context.
#include "storage/backend/raw_disk_io.hpp"
#include "tests/support/device/device_place.hpp"
#include "tests/support/device/disk_fixture.hpp"
#include "tests/support/device/expect_storage_error.hpp"

#include <gtest/gtest.h>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/torrent_flags.hpp>

#include <cerrno>
#include <cstddef>
#include <future>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;
using test::device_place;
using test::disk_fixture;
using test::expect_storage_error;
using test::extents_of;

constexpr int piece_size = 64 * 1024;
constexpr std::size_t one_mib = 1024 * 1024;

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
	expect_storage_error(f.finish(f.write_block(0, 0)), ENODEV, lt::operation_t::file_write);
	expect_storage_error(f.finish(f.read(0, 0, block_size)).error, ENODEV, lt::operation_t::file_read);
	expect_storage_error(f.finish(f.hash(0)).error, ENODEV, lt::operation_t::file_read);
	expect_storage_error(f.finish(f.hash2(0, 0)).error, ENODEV, lt::operation_t::file_read);
	auto const& check = f.finish(f.check());
	EXPECT_EQ(check.status, lt::status_t::fatal_disk_error);
	expect_storage_error(check.error, ENODEV, lt::operation_t::check_resume);
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

} // namespace
} // namespace rawswarm
