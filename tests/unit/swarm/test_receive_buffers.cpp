// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/receive_buffers.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace rawswarm
{
namespace
{

constexpr int kib = 1024;

receive_buffer_sizes sizes_of(int const budget_in_mib, int const peers, bool const limited_rate = false)
{
	return receive_buffer_sizes::of(
		static_cast<std::size_t>(budget_in_mib) * 1024 * 1024, peers, limited_rate);
}

TEST(receive_buffers, of_all_peers_are_a_small_share_of_the_budget)
{
	for (int const budget : {32, 128, 1024})
	{
		for (int const peers : {1, 8, 30, 200})
		{
			auto const s = sizes_of(budget, peers);
			std::int64_t const in_flight = std::int64_t{s.in_flight} * 16; // KiB
			// a sixteenth; or the smallest for twice as many peers; and two blocks of each
			EXPECT_LE(in_flight, std::int64_t{budget} * 1024 / 16 + peers * (2 * 2 * 32 + 32))
				<< budget << ' ' << peers;
			EXPECT_GE(in_flight, std::int64_t{2} * peers * s.each / kib) << "what may come is counted";
			EXPECT_GE(s.each, 32 * kib);
			EXPECT_LE(s.each, 512 * kib);
		}
	}
	EXPECT_EQ(sizes_of(1024, 1).each, 512 * kib);
	EXPECT_EQ(sizes_of(128, 8).each, 512 * kib);
	EXPECT_EQ(sizes_of(128, 30).each, 128 * kib);
	EXPECT_EQ(sizes_of(128, 200).each, 32 * kib);
	EXPECT_EQ(sizes_of(4, 1).each, 32 * kib);
}

TEST(receive_buffers, are_small_where_the_rate_is_limited)
{
	EXPECT_EQ(sizes_of(1024, 1, true).each, 32 * kib);
}

} // namespace
} // namespace rawswarm
