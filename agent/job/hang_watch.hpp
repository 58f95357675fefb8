// SPDX-License-Identifier: BSD-3-Clause
// Decides when a device that does not answer is said to hang, and when its target has failed.
//
// Pure: the caller brings the oldest request that is not answered, and the time.
#pragma once

#include "storage/device/watched_device.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace rawswarm
{

class hang_watch
{
public:
	using clock = std::chrono::steady_clock;

	enum class verdict
	{
		fine,
		hangs, // to be said, once for each time that it hangs
		answers_again,
		failed
	};

	// A sync may have minutes of other writes before it: it may take ten times as long.
	static constexpr int sync_factor = 10;

	// limit: how long one request may take; 0: for ever.
	verdict check(std::optional<pending_request> const& oldest, std::chrono::seconds const limit,
		clock::time_point const now)
	{
		auto const factor = oldest && !oldest->offset ? sync_factor : 1;
		auto const waited = oldest ? now - oldest->since : clock::duration::zero();
		if (limit.count() != 0 && waited >= factor * limit)
		{
			return verdict::failed;
		}
		clock::duration const longest = longest_silence;
		auto const notice = limit.count() == 0 ? longest : std::min(longest, clock::duration(limit) / 2);
		bool const hangs = oldest && waited >= factor * notice;
		if (hangs == m_hangs)
		{
			return verdict::fine;
		}
		m_hangs = hangs;
		return hangs ? verdict::hangs : verdict::answers_again;
	}

private:
	// Longer than any disk in order takes for 16 MiB, and short enough for whoever stands beside it.
	static constexpr std::chrono::seconds longest_silence{10};

	bool m_hangs = false;
};

} // namespace rawswarm
