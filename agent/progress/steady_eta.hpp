// SPDX-License-Identifier: BSD-3-Clause
// The time that is left, as a person can watch it: it counts down with the clock and does not jump.
//
// - The estimate is what is left / rate, the rate a smoothed one whose memory is a third of the time left,
//   from 5 seconds to 5 minutes: what ends in an hour does not depend on the last seconds, what ends soon
//   does. It begins with the first piece, as what comes before is no rate.
// - Shown is what was shown before, less the time that passed, plus a step towards the estimate of at most a
//   tenth of itself per second, or of one and a half seconds per second where that is more: with less than
//   one it could not even stand still.
//
// Sources: the smoothing is that of smoothed_rate.hpp. That a short memory makes the number useless is GNU
// Wget's finding: its bar divides by the mean of the whole download, since an average "over a more recent
// period" gave "a very jerky and ultimately unreliable ETA" (src/progress.c). That mean alone takes too long
// to notice that a room has got going, or has lost its seeder. The numbers were chosen on recorded downloads
// (tests/unit/progress/test_steady_eta.cpp).
//
// Pure: the caller brings the time. One thread.
#pragma once

#include "agent/progress/smoothed_rate.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace rawswarm
{

class steady_eta
{
public:
	using clock = std::chrono::steady_clock;

	// Of the number that is shown, per second: the most by which it differs from a clock that runs down.
	static constexpr double largest_step = 0.1;
	static constexpr std::chrono::milliseconds least_step{1500};

	void restart() { *this = {}; }

	// Bytes. To be called several times a second.
	void update(std::int64_t done, std::int64_t total, clock::time_point now);

	// Rounded up. Empty: not known, as too little was seen or nothing has come yet.
	std::optional<std::chrono::seconds> left() const;

private:
	using seconds = std::chrono::duration<double>;

	smoothed_rate m_rate;
	std::optional<clock::time_point> m_last;
	std::optional<seconds> m_shown;
	std::optional<std::int64_t> m_first; // that was done at the first update
};

} // namespace rawswarm
