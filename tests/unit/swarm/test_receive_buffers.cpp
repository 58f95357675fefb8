// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/receive_buffers.hpp"
#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

constexpr int kib = 1024;

TEST(receive_buffers, of_all_peers_are_a_small_share_of_the_budget)
{
	for (std::size_t const budget : {32_MiB, 128_MiB, 1024_MiB})
	{
		for (int const peers : {1, 8, 30, 200})
		{
			auto const s = receive_buffer_sizes::of(budget, peers, false);
			auto const floor = std::size_t(peers) * 2 * 2 * 32 * kib; // the smallest, for twice as many peers
			EXPECT_LE(
				std::size_t(s.in_flight) * block_size, budget / 16 + floor + std::size_t(peers) * 32 * kib)
				<< budget << ' ' << peers;
			EXPECT_GE(s.in_flight * (block_size / kib), 2 * peers * (s.each / kib))
				<< "what may come is counted";
			EXPECT_GE(s.each, 32 * kib);
			EXPECT_LE(s.each, 512 * kib);
		}
	}
	EXPECT_EQ(receive_buffer_sizes::of(1024_MiB, 1, false).each, 512 * kib);
	EXPECT_EQ(receive_buffer_sizes::of(128_MiB, 8, false).each, 512 * kib);
	EXPECT_EQ(receive_buffer_sizes::of(128_MiB, 30, false).each, 128 * kib);
	EXPECT_EQ(receive_buffer_sizes::of(128_MiB, 200, false).each, 32 * kib);
	EXPECT_EQ(receive_buffer_sizes::of(4_MiB, 1, false).each, 32 * kib);
}

TEST(receive_buffers, are_small_where_the_rate_is_limited)
{
	EXPECT_EQ(receive_buffer_sizes::of(1024_MiB, 1, true).each, 32 * kib);
}

} // namespace
} // namespace rawswarm
