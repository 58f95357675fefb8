// SPDX-License-Identifier: BSD-3-Clause
// How much of a gap is zeroed by one call, which nothing can interrupt.
//
// The rates of devices differ by four orders of magnitude: some have a command for it, others are written. So
// a step is doubled while it is short and halved when it is long. Pure: the caller measures.
#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace rawswarm
{

class zero_steps
{
public:
	// Bytes of the next step.
	std::uint64_t next() const { return m_bytes; }

	void took(std::chrono::steady_clock::duration const time)
	{
		if (time < shortest)
		{
			m_bytes = std::min(2 * m_bytes, largest);
		}
		else if (time > longest)
		{
			m_bytes = std::max(m_bytes / 2, smallest);
		}
	}

private:
	static constexpr std::uint64_t smallest = 1_MiB;
	static constexpr std::uint64_t largest = 1024_MiB;
	static constexpr std::chrono::milliseconds shortest{100};
	static constexpr std::chrono::milliseconds longest{400};

	std::uint64_t m_bytes = 16_MiB;
};

} // namespace rawswarm
