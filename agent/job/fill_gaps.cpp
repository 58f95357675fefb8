// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/fill_gaps.hpp"

#include "agent/job/zero_steps.hpp"

#include <algorithm>
#include <chrono>

namespace rawswarm
{

bool fill_with_zeros(
	storage_target& storage, std::span<byte_range const> const gaps, std::stop_token const& stop)
{
	zero_steps steps;
	for (auto gap : gaps)
	{
		while (gap.length > 0)
		{
			if (storage.failed() || stop.stop_requested())
			{
				return false;
			}
			auto const length = std::min(gap.length, steps.next());
			auto const began = std::chrono::steady_clock::now();
			if (auto r = storage.device().zero(gap.offset, length); !r)
			{
				storage.fail(r.error());
				return false;
			}
			steps.took(std::chrono::steady_clock::now() - began);
			gap = {gap.offset + length, gap.length - length};
		}
	}
	return true;
}

} // namespace rawswarm
