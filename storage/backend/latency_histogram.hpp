// SPDX-License-Identifier: BSD-3-Clause
// A histogram of latencies. Its buckets are a quarter of a power of two wide, so quantiles are within 19%.
//
// Thread-safe, without a lock. Times in microseconds; those of more than an hour count as an hour.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rawswarm
{

class latency_histogram
{
public:
	void add(std::chrono::nanoseconds took) noexcept;

	// The upper bound of the bucket that the quantile (0 to 1) falls into; 0 if nothing was added.
	std::chrono::microseconds quantile(double q) const noexcept;

	std::int64_t count() const noexcept;

private:
	static constexpr std::size_t steps = 4; // a power of two
	static constexpr std::size_t buckets = 32 * steps; // 2^32 us is more than an hour

	std::array<std::atomic<std::int64_t>, buckets> m_counts{};
};

} // namespace rawswarm
