// SPDX-License-Identifier: BSD-3-Clause
// libtorrent's expectations of a disk backend, tested with ours and with its own two.
#include "tests/support/device/backend_fixture.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

namespace rawswarm
{
namespace
{

using test::backend_fixture;
using test::backend_kind;
using test::extents_of;
using test::torrent_kind;

constexpr int mib = 1024 * 1024;

class backend : public testing::TestWithParam<std::tuple<backend_kind, int>>
{
protected:
	backend()
		: f({.kind = std::get<0>(GetParam()),
			.io_threads = std::get<1>(GetParam()),
			.hash_threads = std::get<1>(GetParam())})
	{}

	// Each piece is hashed once it is whole, as libtorrent does: ours writes pieces of few blocks for that
	// only.
	void write_all()
	{
		for (int p = 0; p < f.pieces(); ++p)
		{
			SCOPED_TRACE("piece " + std::to_string(p) + " of " + std::to_string(f.blocks(p)) + " blocks");
			auto const writes = f.write_piece(p);
			f.finish(f.hash(p, f.info().v1() ? lt::disk_interface::v1_hash : lt::disk_job_flags_t{}));
			ASSERT_TRUE(f.run_until([&] {
				return std::ranges::all_of(writes, [](auto const& w) { return w->value.has_value(); });
			}));
			for (auto const& w : writes)
			{
				EXPECT_FALSE(*w->value);
			}
		}
	}

	// By v1 and by v2, as far as the torrent has them.
	void expect_hashes()
	{
		for (int p = 0; p < f.pieces(); ++p)
		{
			SCOPED_TRACE(p);
			std::vector<lt::sha256_hash> v2(static_cast<std::size_t>(f.info().v2() ? f.blocks(p) : 0));
			auto const flags = f.info().v1() ? lt::disk_interface::v1_hash : lt::disk_job_flags_t{};
			auto const& reply = f.finish(f.hash(p, flags, v2));
			EXPECT_FALSE(reply.error);
			if (f.info().v1())
			{
				EXPECT_EQ(reply.v1, lt::hasher(f.piece(p)).final());
			}
			for (std::size_t b = 0; b < v2.size(); ++b)
			{
				auto const number = static_cast<int>(b);
				auto const length = static_cast<std::size_t>(f.block_length2(p, number));
				auto const expected = lt::hasher256(f.block(p, number).substr(0, length)).final();
				EXPECT_EQ(v2[b], expected) << b;
				EXPECT_EQ(f.finish(f.hash2(p, number * block_size)).v2, expected) << b;
			}
		}
	}

	backend_fixture f;
};

TEST_P(backend, pieces_of_every_size_are_written_read_and_hashed)
{
	// in the second one the last block of each piece is short
	for (int const piece_size : {block_size, 300 * 1024 + 7, 304 * 1024, mib, 16 * mib})
	{
		SCOPED_TRACE(piece_size);
		f.use(f.add_torrent(
			extents_of({static_cast<std::size_t>(piece_size) + 20'001, 3}), {.piece_size = piece_size}));
		ASSERT_NO_FATAL_FAILURE(write_all());
		expect_hashes();
		EXPECT_EQ(f.finish(f.read(0, 7, 100)).bytes, f.piece(0).substr(7, 100));
		f.finish(f.stop());
		EXPECT_TRUE(f.files_hold_image());
	}
}

TEST_P(backend, hybrid_and_v2_blocks_end_with_their_file)
{
	for (auto const kind : {torrent_kind::hybrid, torrent_kind::v2})
	{
		SCOPED_TRACE(kind == torrent_kind::v2 ? "v2" : "hybrid");
		f.use(f.add_torrent(extents_of({100'001, 65'536, 3}), {.piece_size = 64 * 1024, .kind = kind}));
		ASSERT_NO_FATAL_FAILURE(write_all());
		expect_hashes();
		f.finish(f.stop());
		EXPECT_TRUE(f.files_hold_image());
	}
}

// A block that ends with its file is shorter than its padding: the memory behind it holds bytes of another
// block.
TEST(rawswarm_backend, hybrid_and_v2_blocks_are_hashed_correctly_in_memory_that_was_used_before)
{
	for (auto const kind : {torrent_kind::hybrid, torrent_kind::v2})
	{
		SCOPED_TRACE(kind == torrent_kind::v2 ? "v2" : "hybrid");
		backend_fixture f({.memory = 0});
		f.add_torrent(extents_of({700'001, 300'003, 3, 600'000}), {.piece_size = 64 * 1024, .kind = kind});
		auto const flags = f.info().v1() ? lt::disk_interface::v1_hash : lt::disk_job_flags_t{};
		for (int round = 0; round < 2; ++round) // the second one from the device, mostly
		{
			for (int p = 0; p < f.pieces(); ++p)
			{
				SCOPED_TRACE(p);
				if (round == 0)
				{
					f.write_piece(p);
				}
				std::vector<lt::sha256_hash> v2(static_cast<std::size_t>(f.blocks(p)));
				auto const& reply = f.finish(f.hash(p, flags, v2));
				EXPECT_FALSE(reply.error);
				EXPECT_EQ(reply.v1, f.info().v1() ? lt::hasher(f.piece(p)).final() : lt::sha1_hash());
				for (std::size_t b = 0; b < v2.size(); ++b)
				{
					auto const number = static_cast<int>(b);
					auto const length = static_cast<std::size_t>(f.block_length2(p, number));
					EXPECT_EQ(v2[b], lt::hasher256(f.block(p, number).substr(0, length)).final()) << b;
				}
			}
		}
		EXPECT_GT(f.context().stats().blocks_read_back, 0);
		f.finish(f.stop());
		EXPECT_TRUE(f.files_hold_image());
	}
}

TEST_P(backend, reads_that_straddle_blocks_are_answered_before_and_after_the_write)
{
	f.use(f.add_torrent(extents_of({64 * 1024}), {.piece_size = 64 * 1024}));
	auto const writes = f.write_piece(0);
	auto const early = f.read(0, block_size - 100, 200);
	f.finish(writes);
	EXPECT_EQ(f.finish(early).bytes, f.piece(0).substr(block_size - 100, 200));
	f.finish(f.stop());
	EXPECT_EQ(f.finish(f.read(0, block_size - 100, 200)).bytes, f.piece(0).substr(block_size - 100, 200));
}

TEST_P(backend, clear_and_stop_come_back_while_blocks_are_written)
{
	f.use(f.add_torrent(extents_of({2 * mib}), {.piece_size = mib}));
	auto const writes = f.write_piece(0);
	auto const others = f.write_piece(1);
	auto const cleared = f.clear(0);
	auto const stopped = f.stop();
	f.finish(cleared);
	f.finish(stopped);
	f.finish(writes);
	f.finish(others);
	EXPECT_EQ(f.finish(f.read(1, 0, block_size)).bytes, f.block(1, 0));
}

// The fixture's end aborts, and checks the handlers.
TEST_P(backend, abort_answers_jobs_in_flight)
{
	f.use(f.add_torrent(extents_of({2 * mib}), {.piece_size = mib}));
	f.write_piece(0);
	f.read(0, 0, block_size);
	f.hash(0);
	f.stop();
	f.submit();
}

INSTANTIATE_TEST_SUITE_P(all, backend,
	testing::Combine(testing::Values(backend_kind::rawswarm, backend_kind::mmap, backend_kind::posix),
		testing::Values(0, 1, 2, 8, 32)),
	[](auto const& param) {
		return name_of(std::get<0>(param.param)) + "_" + std::to_string(std::get<1>(param.param))
			+ "_threads";
	});

} // namespace
} // namespace rawswarm
