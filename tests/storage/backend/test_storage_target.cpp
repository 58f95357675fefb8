// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/pad_pieces.hpp"
#include "storage/backend/storage_target.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/disk_fixture.hpp"
#include "tests/support/device/memory_device.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <gtest/gtest.h>
#include <libtorrent/load_torrent.hpp>

#include <cerrno>
#include <memory>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;

// Two pieces of 32 KiB and one of 1,000 bytes.
class storage_target_test : public ::testing::Test
{
protected:
	static constexpr int piece_size = 32 * 1024;
	static constexpr int total = 2 * piece_size + 1000;

	storage_target_test()
		: m_info(lt::load_torrent_buffer(
			test::make_torrent(test::extents_of({40'000, total - 40'000}), {.piece_size = piece_size}).bytes)
					 .ti)
		, m_target(make_target({}))
	{}

	// Its device is m_device from then on.
	std::unique_ptr<storage_target> make_target(target_options const& options)
	{
		auto device = std::make_unique<test::memory_device>(100'000);
		m_device = device.get();
		return std::make_unique<storage_target>(std::move(device), m_info,
			test::value_of(extent_map::build(m_info->files())), options,
			[this](error const& e) { m_errors.push_back(e); });
	}

	void hash(int const piece, bool const from_device = false)
	{
		lt::piece_index_t const p{piece};
		m_target->piece_hashed(p, m_info->hash_for_piece(p), from_device);
	}

	void write(int const piece, int const block)
	{
		block_ref const place{lt::piece_index_t{piece}, {block}};
		m_target->blocks_written({&place, 1});
	}

	void write_all()
	{
		for (auto const& [piece, block] : {std::pair(0, 0), {0, 1}, {1, 0}, {1, 1}, {2, 0}})
		{
			write(piece, block);
		}
	}

	void hash_all()
	{
		for (int const p : {0, 1, 2})
		{
			hash(p);
		}
	}

	std::shared_ptr<lt::torrent_info const> m_info;
	test::memory_device* m_device = nullptr;
	std::vector<error> m_errors;
	std::unique_ptr<storage_target> m_target;
};

// A piece that is a pad file from end to end, between two others.
std::shared_ptr<lt::torrent_info const> torrent_with_pad_piece(int const piece_size, char const pad_byte)
{
	auto const size = static_cast<std::size_t>(piece_size);
	std::vector<test::torrent_file> files(3);
	files[0] = {.offset = 0, .bytes = std::string(size, 'a')};
	files[1] = {.bytes = std::string(size, pad_byte), .name = ".pad/0", .pad = true};
	files[2] = {.offset = size, .bytes = std::string(size, 'b')};
	return lt::load_torrent_buffer(test::make_torrent(std::move(files), {.piece_size = piece_size}).bytes).ti;
}

TEST_F(storage_target_test, piece_of_padding_alone_is_complete_without_a_peer)
{
	m_info = torrent_with_pad_piece(piece_size, '\0');
	m_target = make_target({});
	EXPECT_EQ(m_target->verified_pieces(), std::vector<bool>({false, true, false}));
	for (auto const& [piece, block] : {std::pair(0, 0), {0, 1}, {2, 0}, {2, 1}})
	{
		write(piece, block);
	}
	hash(0);
	EXPECT_FALSE(m_target->complete());
	hash(2);
	EXPECT_TRUE(m_target->complete());
	EXPECT_EQ(m_target->verified(), 2 * piece_size);
}

TEST_F(storage_target_test, piece_of_padding_with_another_hash_is_refused)
{
	m_info = torrent_with_pad_piece(piece_size, 'x');
	auto const pads = find_pad_pieces(*m_info, test::value_of(extent_map::build(m_info->files())));
	ASSERT_FALSE(pads);
	EXPECT_EQ(pads.error().kind, fault::refused);
	EXPECT_NE(pads.error().text.find("piece 1 is padding"), std::string::npos) << pads.error().text;
	m_target = make_target({});
	EXPECT_EQ(m_target->verified_pieces(), std::vector<bool>(3, false));
}

TEST_F(storage_target_test, complete_only_when_every_block_is_written_and_every_piece_verified)
{
	EXPECT_EQ(m_target->total(), total);
	hash_all();
	EXPECT_EQ(m_target->verified(), total);
	EXPECT_FALSE(m_target->complete());
	write(0, 0);
	write(0, 1);
	write(1, 0);
	write(1, 1);
	EXPECT_EQ(m_target->written(), 2 * piece_size);
	EXPECT_FALSE(m_target->complete());
	write(2, 0);
	EXPECT_TRUE(m_target->complete());
}

TEST_F(storage_target_test, one_unverified_piece_is_enough_to_be_incomplete)
{
	write_all();
	hash(0);
	hash(2);
	EXPECT_FALSE(m_target->complete());
	EXPECT_EQ(m_target->verified(), piece_size + 1000);
	hash(1);
	EXPECT_TRUE(m_target->complete());
}

TEST_F(storage_target_test, blocks_and_pieces_that_come_twice_count_once)
{
	write(0, 0);
	write(0, 0);
	EXPECT_EQ(m_target->written(), block_size);
	hash(0);
	hash(0);
	EXPECT_EQ(m_target->verified(), piece_size);
}

TEST_F(storage_target_test, piece_that_was_read_from_the_device_counts_as_written)
{
	hash(0, true);
	EXPECT_EQ(m_target->written(), piece_size);
	hash(1, true);
	hash(2, true);
	EXPECT_TRUE(m_target->complete());
}

TEST_F(storage_target_test, block_that_comes_again_makes_its_piece_unverified_and_itself_unwritten)
{
	write_all();
	hash_all();
	ASSERT_TRUE(m_target->complete());
	m_target->block_arrived(lt::piece_index_t{1}, {1});
	EXPECT_EQ(m_target->verified(), total - piece_size);
	EXPECT_EQ(m_target->written(), total - block_size);
	hash(1);
	EXPECT_FALSE(m_target->complete()) << "the new content is not on the device yet";
	write(1, 1);
	EXPECT_TRUE(m_target->complete());
}

TEST_F(storage_target_test, wrong_piece_is_not_verified_and_no_error_for_a_target_that_is_written)
{
	m_target->piece_hashed(lt::piece_index_t{0}, lt::sha1_hash(), true);
	EXPECT_EQ(m_target->verified(), 0);
	EXPECT_EQ(m_target->written(), 0);
	EXPECT_FALSE(m_target->failed());
}

TEST_F(storage_target_test, wrong_piece_ends_a_target_that_must_match)
{
	m_target = make_target({.must_match = true});
	hash(1, true);
	EXPECT_FALSE(m_target->failed());
	m_target->piece_hashed(lt::piece_index_t{2}, lt::sha1_hash(), true);
	ASSERT_EQ(m_errors.size(), 1U);
	EXPECT_EQ(m_errors[0].kind, fault::verification);
	EXPECT_NE(m_errors[0].text.find("piece 2"), std::string::npos) << m_errors[0].text;
}

TEST_F(storage_target_test, first_error_is_kept_told_once_and_never_complete_again)
{
	m_target->fail(fail(fault::device, system_error(EIO), "writing a"));
	m_target->fail(fail(fault::device, system_error(ENOSPC), "writing b"));
	ASSERT_EQ(m_errors.size(), 1U);
	EXPECT_EQ(m_target->first_error()->ec, system_error(EIO));
	write_all();
	hash_all();
	EXPECT_FALSE(m_target->complete());
}

TEST_F(storage_target_test, sync_covers_every_write_before_it)
{
	write(0, 0);
	EXPECT_EQ(m_target->synced(), 0);
	ASSERT_TRUE(m_target->sync());
	EXPECT_EQ(m_target->synced(), block_size);
	write(0, 1);
	EXPECT_EQ(m_target->synced(), block_size);
}

TEST_F(storage_target_test, failed_sync_ends_the_target_and_makes_nothing_safe)
{
	write_all();
	hash_all();
	m_device->fail(device_call::sync, 1, EIO);
	auto const r = m_target->sync();
	ASSERT_FALSE(r);
	EXPECT_EQ(r.error().ec, system_error(EIO));
	EXPECT_EQ(m_target->synced(), 0);
	EXPECT_TRUE(m_target->failed());
	EXPECT_FALSE(m_target->complete());
	EXPECT_EQ(m_errors.size(), 1U);
}

} // namespace
} // namespace rawswarm
