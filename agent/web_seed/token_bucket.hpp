// SPDX-License-Identifier: BSD-3-Clause
// A token bucket: how many bytes may come now under a limit of bytes per second. Peers and web seeds share
// the download limit; libtorrent limits the peers, and web seeds get the tokens that peers leave.
//
// Bytes are taken when they have arrived, so the bucket may go below zero; the taker waits until it
// is filled again.
//
// Any thread may call. The clock is the caller's; times should not go back.
#pragma once

#include "base/mutex.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace rawswarm
{

class token_bucket
{
public:
	using clock = std::chrono::steady_clock;

	// The size of the bucket, and how far it goes below zero, as the time in which it fills. Bytes
	// that peers took are known a quarter of a second late. Initial value, not measured.
	static constexpr double burst_seconds = 0.5;

	// bytes_per_second: 0 for no limit.
	token_bucket(std::int64_t bytes_per_second, clock::time_point now)
		: m_rate(static_cast<double>(bytes_per_second))
		, m_filled_at(now)
	{}

	// So many bytes have arrived.
	void take(std::int64_t bytes, clock::time_point now)
	{
		mutex_lock const l(m_mutex);
		refill(now);
		m_tokens = std::max(m_tokens - static_cast<double>(bytes), -burst_seconds * m_rate);
	}

	// How long to wait before more bytes are asked for.
	clock::duration wait_time(clock::time_point now)
	{
		mutex_lock const l(m_mutex);
		refill(now);
		if (m_rate == 0 || m_tokens >= 0)
		{
			return {};
		}
		return std::chrono::duration_cast<clock::duration>(
			std::chrono::duration<double>(-m_tokens / m_rate) + std::chrono::milliseconds(1));
	}

private:
	void refill(clock::time_point now) REQUIRES(m_mutex)
	{
		auto const seconds = std::chrono::duration<double>(now - m_filled_at).count();
		m_tokens = std::min(m_tokens + seconds * m_rate, burst_seconds * m_rate);
		m_filled_at = now;
	}

	double const m_rate; // bytes per second

	mutex m_mutex;
	double m_tokens GUARDED_BY(m_mutex) = 0; // bytes; below zero: taken in advance
	clock::time_point m_filled_at GUARDED_BY(m_mutex);
};

} // namespace rawswarm
