// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/shortened_device.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/memory_device.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <gtest/gtest.h>
#include <libtorrent/torrent_info.hpp>

#include <memory>
#include <string>

namespace rawswarm
{
namespace
{

using test::memory_device;

constexpr std::uint64_t device_size = 4096;
constexpr std::uint64_t image_size = 16384;

// Extents from 0 to 5000, which crosses the end of the device, and from 8000 to 9000.
extent_map extents()
{
	auto const made = test::make_torrent({{0, std::string(5000, 'a')}, {8000, std::string(1000, 'b')}});
	lt::torrent_info const torrent(made.bytes, lt::from_span);
	return test::value_of(extent_map::build(torrent.files()));
}

class shortened : public ::testing::Test
{
protected:
	void write(std::uint64_t const at, std::string bytes)
	{
		// in two buffers, of which one crosses whatever end there is
		iovec const buffers[] = {{bytes.data(), 100}, {bytes.data() + 100, bytes.size() - 100}};
		ASSERT_TRUE(m_device.write({at}, buffers));
	}

	std::string read(std::uint64_t const at, std::size_t const length)
	{
		std::string bytes(length, '?');
		iovec const buffers[] = {{bytes.data(), 100}, {bytes.data() + 100, length - 100}};
		EXPECT_TRUE(m_device.read({at}, buffers));
		std::string again(length, '?');
		EXPECT_TRUE(m_device.read_medium({at}, again));
		EXPECT_EQ(bytes, again);
		return bytes;
	}

	memory_device* m_below = new memory_device(device_size);
	shortened_device m_device{std::unique_ptr<block_device>(m_below), extents(), image_size};
};

TEST_F(shortened, an_extent_that_crosses_the_end_is_read_as_it_was_written)
{
	EXPECT_EQ(m_device.size(), image_size);
	auto const content = test::random_bytes(1, 5000);
	write(0, content);
	EXPECT_EQ(read(0, 5000), content);
	EXPECT_EQ(read(4000, 200), content.substr(4000, 200));
	EXPECT_EQ(m_below->bytes(0, device_size), content.substr(0, device_size));
	EXPECT_TRUE(m_device.sync());
}

TEST_F(shortened, an_extent_behind_the_end_touches_the_device_no_more)
{
	auto const content = test::random_bytes(2, 1000);
	write(8000, content);
	EXPECT_EQ(read(8000, 1000), content);
	EXPECT_EQ(m_below->count(test::device_call::write), 0);
	EXPECT_EQ(m_below->count(test::device_call::read), 0);
}

TEST_F(shortened, gaps_behind_the_end_are_zeros_and_stay_so)
{
	write(8000, std::string(1000, 'x'));
	ASSERT_TRUE(m_device.zero({4000}, 4000));
	EXPECT_EQ(
		m_below->bytes(3999, 97), std::string(1, memory_device::untouched_byte) + std::string(96, '\0'));
	EXPECT_EQ(read(5000, 4000), std::string(3000, '\0') + std::string(1000, 'x'));
	EXPECT_TRUE(m_device.zero({6000}, 100));
}

TEST_F(shortened, what_is_frozen_is_read_as_it_was_whatever_the_device_has_later)
{
	auto const content = test::random_bytes(3, 5000);
	write(0, content);
	ASSERT_TRUE(m_device.freeze({{512}, 1024}));
	ASSERT_TRUE(m_device.freeze({{4000}, 200}));
	m_below->put(0, std::string(device_size, 'n'));
	EXPECT_EQ(read(0, 4200),
		std::string(512, 'n') + content.substr(512, 1024) + std::string(4000 - 1536, 'n')
			+ content.substr(4000, 200));
}

TEST_F(shortened, what_is_laid_over_last_is_read)
{
	m_device.lay_over({100}, std::string(10, 'o'));
	m_device.lay_over({105}, std::string(10, 'p'));
	EXPECT_EQ(read(99, 200).substr(0, 17),
		std::string(1, memory_device::untouched_byte) + "ooooopppppppppp"
			+ std::string(1, memory_device::untouched_byte));
}

TEST(shortened_device, bytes_behind_an_end_are_counted)
{
	EXPECT_EQ(bytes_behind(extents(), 9000), 0U);
	EXPECT_EQ(bytes_behind(extents(), 8999), 1U);
	EXPECT_EQ(bytes_behind(extents(), device_size), 5000 - device_size + 1000);
	EXPECT_EQ(bytes_behind(extents(), 0), 6000U);
}

} // namespace
} // namespace rawswarm
