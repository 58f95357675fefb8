// SPDX-License-Identifier: BSD-3-Clause
// Whether a client moves bytes fast enough: in each window of time at least as many as a pace makes.
// A value; the caller tells the time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rawswarm
{

class pace
{
public:
	using clock = std::chrono::steady_clock;

	void begin(clock::time_point now)
	{
		m_began = now;
		m_moved = 0;
	}

	void moved(std::size_t bytes) { m_moved += bytes; }

	// bytes_per_s: the least. Asked now and then; what was moved is judged once a window is over, and another
	// begins.
	bool is_kept(clock::time_point now, std::size_t bytes_per_s, std::chrono::milliseconds window)
	{
		if (now - m_began < window)
		{
			return true;
		}
		// Of the window as it was: it may have been longer, as nobody asked.
		auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - m_began).count();
		bool const kept = m_moved * 1000 >= bytes_per_s * static_cast<std::uint64_t>(ms);
		begin(now);
		return kept;
	}

private:
	clock::time_point m_began{};
	std::uint64_t m_moved = 0; // bytes, in this window
};

} // namespace rawswarm
