// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/latency_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace rawswarm
{

namespace
{

using std::chrono::microseconds;

constexpr std::chrono::nanoseconds longest = std::chrono::hours(1);

} // namespace

void latency_histogram::add(std::chrono::nanoseconds const took) noexcept
{
	auto const us = double(std::clamp(took, std::chrono::nanoseconds(0), longest).count()) / 1000;
	// bucket i ends at 2^(i / steps) microseconds
	auto const i = us <= 1 ? 0.0 : std::ceil(std::log2(us) * double(steps));
	m_counts[std::min(buckets - 1, static_cast<std::size_t>(i))].fetch_add(1, std::memory_order_relaxed);
}

std::int64_t latency_histogram::count() const noexcept
{
	std::int64_t sum = 0;
	for (auto const& c : m_counts)
	{
		sum += c.load(std::memory_order_relaxed);
	}
	return sum;
}

microseconds latency_histogram::quantile(double const q) const noexcept
{
	auto const total = count();
	if (total == 0)
	{
		return microseconds(0);
	}
	auto const wanted = std::max(1.0, std::ceil(double(total) * q));
	std::int64_t sum = 0;
	for (std::size_t i = 0; i < buckets; ++i)
	{
		sum += m_counts[i].load(std::memory_order_relaxed);
		if (double(sum) >= wanted)
		{
			return microseconds(static_cast<std::int64_t>(std::ceil(std::exp2(double(i) / double(steps)))));
		}
	}
	return std::chrono::duration_cast<microseconds>(longest); // counts were added meanwhile
}

} // namespace rawswarm
