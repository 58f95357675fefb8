// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/coalesce.hpp"

#include <algorithm>

namespace rawswarm
{

std::vector<write_run> build_runs(std::span<dirty_range> const ranges, coalesce_settings const& settings)
{
	std::ranges::sort(ranges, {}, &dirty_range::offset);

	std::vector<write_run> runs;
	device_offset end;
	for (auto const& r : ranges)
	{
		if (runs.empty() || r.offset != end || runs.back().buffers.size() >= settings.max_ranges)
		{
			runs.push_back({r.offset, {}, {}});
		}
		// a write does not change its buffers, whatever the type of iovec says
		runs.back().buffers.push_back({const_cast<char*>(r.data), r.length});
		runs.back().blocks.push_back(r.block);
		end = r.offset + r.length;
	}
	return runs;
}

} // namespace rawswarm
