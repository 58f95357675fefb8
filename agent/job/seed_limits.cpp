// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/seed_limits.hpp"

namespace rawswarm
{

bool has_served(manifest_seed_until const& until, seeding_so_far const& s)
{
	if (until.forever)
	{
		return false;
	}
	if (until.total.count() > 0 && s.since_done >= until.total)
	{
		return true;
	}
	if (until.ratio > 0 && double(s.uploaded) >= until.ratio * double(s.size))
	{
		return true;
	}
	if (s.role == target_role::seed)
	{
		return false;
	}
	if (until.idle.count() > 0)
	{
		return s.since_upload >= until.idle;
	}
	return until.total.count() == 0 && until.ratio <= 0;
}

} // namespace rawswarm
