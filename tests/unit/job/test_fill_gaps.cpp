// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/fill_gaps.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

using test::device_call;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t gap_begin = 512; // of the one gap, before the one extent
constexpr std::uint64_t gap_length = 5 * mib;

class filled_gaps : public ::testing::Test
{
protected:
	filled_gaps()
		: m_disk({test::extents_of({64 * 1024}, gap_begin + gap_length)})
	{
		m_disk.device().put(gap_begin, std::string(gap_length, '\0'));
	}

	bool fill(gap_content const content)
	{
		return fill_with_zeros(m_disk.target(), m_gaps, content, m_done, {});
	}

	bool is_zero() const
	{
		auto const bytes = m_disk.device().bytes(gap_begin, gap_length);
		return std::ranges::all_of(bytes, [](char const c) { return c == '\0'; });
	}

	// Bytes that were written.
	std::uint64_t written() const
	{
		std::uint64_t sum = 0;
		for (auto const& call : m_disk.device().log())
		{
			sum += call.kind == device_call::write ? call.length : 0;
		}
		return sum;
	}

	mutable test::disk_fixture m_disk;
	std::vector<byte_range> const m_gaps{{{gap_begin}, gap_length}};
	std::atomic<std::int64_t> m_done{0};
};

TEST_F(filled_gaps, that_are_zeros_already_are_not_written)
{
	EXPECT_TRUE(fill(gap_content::zeros_already));
	EXPECT_EQ(written(), 0);
	EXPECT_EQ(m_done, gap_length);
}

TEST_F(filled_gaps, with_other_bytes_are_written_there_and_hardly_anywhere_else)
{
	m_disk.device().put(gap_begin + 2 * mib + 5, "x");
	m_disk.device().put(gap_begin + gap_length - 1, "y");
	EXPECT_TRUE(fill(gap_content::zeros_already));
	EXPECT_TRUE(is_zero());
	EXPECT_EQ(written(), 2 * mib);
	EXPECT_EQ(m_done, gap_length);
}

TEST_F(filled_gaps, that_cannot_be_read_are_written)
{
	m_disk.device().put(gap_begin, std::string(gap_length, 'x'));
	m_disk.device().fail(device_call::read, 1, EIO);
	EXPECT_TRUE(fill(gap_content::zeros_already));
	EXPECT_TRUE(is_zero());
	EXPECT_FALSE(m_disk.target().failed());
}

TEST_F(filled_gaps, of_a_disk_with_anything_in_them_are_written_without_a_look)
{
	EXPECT_TRUE(fill(gap_content::anything));
	EXPECT_EQ(written(), gap_length);
	EXPECT_EQ(m_disk.device().count(device_call::read), 0);
	EXPECT_EQ(m_done, gap_length);
}

} // namespace
} // namespace rawswarm
