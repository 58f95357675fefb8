// SPDX-License-Identifier: BSD-3-Clause
#include "base/bytes.hpp"
#include "storage/device/content_check.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/device/disk_fixture.hpp"
#include "tests/support/device/memory_device.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <gtest/gtest.h>
#include <libtorrent/bdecode.hpp>
#include <libtorrent/torrent_info.hpp>

#include <cerrno>
#include <mutex>
#include <set>
#include <thread>

#include <malloc.h>

namespace rawswarm
{

namespace
{

using test::device_call;
using test::memory_device;
using test::torrent_file;

constexpr int piece_size = 64 * 1024;

// A torrent, and a device that holds what it says.
class content : public ::testing::Test
{
protected:
	void make(
		std::vector<torrent_file> files, test::torrent_options const& options = {.piece_size = piece_size})
	{
		auto const made = test::make_torrent(std::move(files), options);
		lt::load_torrent_limits limits;
		m_torrent = std::make_unique<lt::torrent_info>(
			lt::span<char const>(made.bytes.data(), static_cast<std::ptrdiff_t>(made.bytes.size())), limits,
			lt::from_span);
		m_extents = std::make_unique<extent_map>(extent_map::build(m_torrent->files()).value());
		m_device = std::make_unique<memory_device>(m_extents->end().bytes);
		for (auto const& file : made.files)
		{
			m_device->put(file.offset, file.bytes);
		}
	}

	// The numbers of the pieces that are right.
	std::set<int> right_pieces(
		content_check_settings const& settings = {.threads = 3, .readers = 2, .buffer = 16384})
	{
		std::mutex mutex;
		std::set<int> right;
		content_check check;
		check.on_piece = [&](lt::piece_index_t const piece, lt::sha1_hash const& hash) {
			std::lock_guard const l(mutex);
			EXPECT_TRUE(m_told.insert(static_cast<int>(piece)).second) << "told twice";
			if (hash == m_torrent->hash_for_piece(piece))
			{
				right.insert(static_cast<int>(piece));
			}
		};
		check.on_unreadable = m_on_unreadable;
		check.read = &m_read;
		m_result = check_content(*m_device, *m_torrent, *m_extents, settings, check, m_stop.get_token());
		return right;
	}

	std::set<int> all_pieces() const
	{
		std::set<int> all;
		for (int i = 0; i < m_torrent->num_pieces(); ++i)
		{
			all.insert(i);
		}
		return all;
	}

	std::vector<std::uint64_t> not_zero(std::vector<byte_range> const& zeros)
	{
		std::mutex mutex;
		std::vector<std::uint64_t> found;
		content_check check;
		check.on_piece = [](lt::piece_index_t, lt::sha1_hash const&) {};
		check.zeros = zeros;
		check.on_not_zero = [&](device_offset const at) {
			std::lock_guard const l(mutex);
			found.push_back(at.bytes);
		};
		EXPECT_TRUE(check_content(*m_device, *m_torrent, *m_extents, {2, 1, 16384}, check));
		std::ranges::sort(found);
		return found;
	}

	std::unique_ptr<lt::torrent_info> m_torrent;
	std::unique_ptr<extent_map> m_extents;
	std::unique_ptr<memory_device> m_device;
	std::set<int> m_told;
	std::atomic<std::int64_t> m_read{0};
	std::stop_source m_stop;
	std::function<bool(lt::piece_index_t, error const&)> m_on_unreadable;
	result<void> m_result = success();
};

// Bytes that the program has from malloc.
std::size_t heap_in_use()
{
	auto const heap = ::mallinfo2();
	return heap.uordblks + heap.hblkhd;
}

// A device of any size that holds nothing but zeros. The first read stops the check.
class endless_zeros final : public block_device
{
public:
	explicit endless_zeros(std::stop_source stop)
		: m_stop(std::move(stop))
	{}

	std::size_t heap_at_first_read() const { return m_heap; }

	result<void> read(device_offset, std::span<iovec const>) override
	{
		m_heap = heap_in_use();
		m_stop.request_stop();
		return success();
	}
	result<void> write(device_offset, std::span<iovec const>) override { return success(); }
	result<void> zero(device_offset, std::uint64_t) override { return success(); }
	result<void> sync() override { return success(); }
	std::uint64_t size() const override { return std::uint64_t(1) << 62; }
	std::string const& path() const override { return m_path; }

private:
	std::string const m_path = "zeros";
	std::stop_source m_stop;
	std::size_t m_heap = 0;
};

} // namespace

TEST_F(content, every_piece_of_a_device_that_is_right_is_right)
{
	make(test::extents_of({100'000, 1, 70'000, 300'000, 12}));
	EXPECT_EQ(right_pieces(), all_pieces());
	EXPECT_TRUE(m_result);
	EXPECT_EQ(m_read, 470'013);
}

TEST_F(content, pieces_of_shuffled_extents_are_read_where_they_lie)
{
	make(test::extents_of({100'000, 1, 70'000, 300'000, 12}), {.piece_size = piece_size, .shuffled = true});
	EXPECT_EQ(right_pieces(), all_pieces());
}

TEST_F(content, pads_are_zeros_and_not_read)
{
	make(test::extents_of({100'000, 1000, 70'000}), {.piece_size = piece_size, .pad_files = true});
	EXPECT_EQ(right_pieces(), all_pieces());
	EXPECT_EQ(m_read, 171'000);
}

TEST_F(content, one_wrong_byte_is_one_wrong_piece)
{
	make({{.offset = 512, .bytes = test::random_bytes(1, 10 * piece_size)}});
	m_device->put(512 + 7 * piece_size + 100, "x");
	auto expected = all_pieces();
	expected.erase(7);
	EXPECT_EQ(right_pieces(), expected);
}

TEST_F(content, piece_that_cannot_be_read_ends_the_check_only_if_nobody_takes_it)
{
	make({{.offset = 0, .bytes = test::random_bytes(1, 10 * piece_size)}});
	content_check_settings const one_thread{.threads = 1, .readers = 1, .buffer = piece_size};
	m_device->fail(device_call::read, 4, EIO);
	EXPECT_EQ(right_pieces(one_thread).size(), 3U);
	EXPECT_FALSE(m_result);

	m_told.clear();
	std::vector<int> unreadable;
	m_on_unreadable = [&unreadable](lt::piece_index_t const piece, error const& e) {
		EXPECT_EQ(e.ec.value(), EIO);
		unreadable.push_back(static_cast<int>(piece));
		return unreadable.size() < 2;
	};
	m_device->fail(device_call::read, 4, EIO);
	EXPECT_EQ(right_pieces(one_thread).size(), 9U);
	EXPECT_TRUE(m_result);
	m_told.clear();
	m_device->fail(device_call::read, 7, EIO);
	EXPECT_EQ(right_pieces(one_thread).size(), 6U);
	EXPECT_FALSE(m_result) << "it was the second";
	EXPECT_EQ(unreadable, std::vector<int>({3, 6}));
}

TEST_F(content, buffer_of_any_size_gives_the_same)
{
	make(test::extents_of({100'000, 1, 70'000, 300'000, 12}));
	for (std::size_t const buffer : {std::size_t(4096), std::size_t(piece_size), std::size_t(1) << 20})
	{
		m_told.clear();
		EXPECT_EQ(right_pieces({.threads = 2, .readers = 1, .buffer = buffer}), all_pieces()) << buffer;
	}
}

// Or the head of a rotational disk would seek.
TEST_F(content, one_reader_reads_in_the_order_of_the_torrent)
{
	make({{.offset = 0, .bytes = test::random_bytes(1, 40 * piece_size)}});
	right_pieces({.threads = 4, .readers = 1, .buffer = piece_size});
	std::uint64_t last = 0;
	for (auto const& entry : m_device->log())
	{
		EXPECT_GE(entry.offset, last);
		last = entry.offset;
	}
}

TEST_F(content, read_that_fails_ends_the_check_with_its_place)
{
	make({{.offset = 512, .bytes = test::random_bytes(1, 40 * piece_size)}});
	m_device->fail(device_call::read, 5, EIO);
	right_pieces({.threads = 2, .readers = 1, .buffer = piece_size});
	ASSERT_FALSE(m_result);
	EXPECT_EQ(m_result.error().kind, fault::device);
	EXPECT_LT(m_told.size(), 40U);
}

TEST_F(content, check_that_is_asked_to_stop_ends_early_without_an_error)
{
	make({{.offset = 0, .bytes = test::random_bytes(1, 40 * piece_size)}});
	m_device->block(device_call::read);
	std::jthread const stopper([this] {
		EXPECT_TRUE(m_device->wait_for_blocked(2));
		m_stop.request_stop();
		m_device->release_all();
	});
	right_pieces({.threads = 2, .readers = 2, .buffer = piece_size});
	EXPECT_TRUE(m_result);
	EXPECT_LE(m_told.size(), 2U);
}

TEST_F(content, bytes_that_should_be_zeros_are_found_at_the_first_place_of_each_step)
{
	make({{.offset = 0, .bytes = "a"}, {.offset = 5'000'000, .bytes = "b"}});
	m_device->put(1, std::string(4'999'999, '\0'));
	std::vector<byte_range> const gap{{device_offset{1}, 4'999'999}};
	EXPECT_TRUE(not_zero(gap).empty());
	m_device->put(1, "x");
	m_device->put(3'000'000, "yz");
	m_device->put(4'999'999, "x");
	EXPECT_EQ(not_zero(gap), (std::vector<std::uint64_t>{1, 3'000'000, 4'999'999}));
}

TEST_F(content, memory_does_not_grow_with_the_range_that_must_be_zeros)
{
	make({{.offset = 0, .bytes = "a"}});
	std::vector<byte_range> const gap{{device_offset{1}, std::uint64_t(8_TiB)}};
	content_check check;
	check.on_piece = [](lt::piece_index_t, lt::sha1_hash const&) {};
	check.zeros = gap;
	endless_zeros device(m_stop);
	auto const before = heap_in_use();
	EXPECT_TRUE(check_content(device, *m_torrent, *m_extents, {1, 1, 16384}, check, m_stop.get_token()));
	auto const used = device.heap_at_first_read() - before;
	EXPECT_LT(used, std::size_t(8_MiB)) << "a buffer, and no entry for each step of 8 TiB";
}

TEST(content_check_settings, rotational_disk_is_read_by_one_thread_a_whole_piece_at_a_time)
{
	auto const s = content_check_settings::of(profile_for(device_kind::hdd), 4 << 20, std::size_t(64) << 20);
	EXPECT_EQ(s.readers, 1);
	EXPECT_GT(s.threads, 1);
	EXPECT_EQ(s.buffer, std::size_t(4) << 20);
}

TEST(content_check_settings, all_buffers_stay_within_the_memory)
{
	for (auto const kind : {device_kind::hdd, device_kind::nvme, device_kind::image_file})
	{
		for (std::size_t const memory : {std::size_t(1) << 20, std::size_t(16) << 20})
		{
			auto const s = content_check_settings::of(profile_for(kind), 16 << 20, memory);
			EXPECT_LE(s.buffer * static_cast<std::size_t>(s.threads), memory);
			EXPECT_GE(s.buffer, 4096U);
			EXPECT_EQ(s.buffer % 4096, 0U);
		}
	}
}

} // namespace rawswarm
