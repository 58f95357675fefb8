// SPDX-License-Identifier: BSD-3-Clause
// What displays show of a target's pace: the time that is left of its phase, and what its device takes.
//
// Pure: the caller brings the time. One thread.
#pragma once

#include "agent/progress/smoothed_rate.hpp"
#include "agent/progress/steady_eta.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace rawswarm
{

class target_rates
{
public:
	using clock = std::chrono::steady_clock;

	// The target has come to another state, which has an end of its own.
	void restart() { m_eta.restart(); }

	// Bytes of what the state is about.
	void update(std::int64_t const done, std::int64_t const total, clock::time_point const now)
	{
		m_eta.update(done, total, now);
	}

	// Bytes that the device has taken. From when it is written to.
	void wrote(std::int64_t const so_far, clock::time_point const now)
	{
		m_to_disk.update(so_far, now, memory);
	}

	std::optional<std::int64_t> eta_s() const
	{
		auto const left = m_eta.left();
		return left ? std::optional<std::int64_t>(left->count()) : std::nullopt;
	}

	std::int64_t to_disk() const { return static_cast<std::int64_t>(m_to_disk.per_second()); }

private:
	// About that of libtorrent's rates, beside which it is shown.
	static constexpr std::chrono::seconds memory{3};

	steady_eta m_eta;
	smoothed_rate m_to_disk;
};

} // namespace rawswarm
