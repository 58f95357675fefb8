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

void seeding_times::update(std::int64_t const bytes, clock::time_point const now)
{
	if (bytes > m_uploaded)
	{
		m_uploaded = bytes;
		m_last_upload = now;
	}
}

seeding_so_far seeding_times::so_far(
	target_role const role, std::int64_t const size, clock::time_point const now) const
{
	return {role, now - m_begin, now - m_last_upload, m_uploaded, size};
}

} // namespace rawswarm
