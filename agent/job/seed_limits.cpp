// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/seed_limits.hpp"

#include "base/result.hpp"

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

// Local discovery and an introduction by the seeder take a second. A machine that came to have the image
// without the swarm would else be gone before anyone met it.
constexpr std::chrono::seconds time_to_be_found = 2s;

// The rule that makes an image leave early, while idle time counts.
bool leaves_unneeded(manifest_seed_until const& until)
{
	return until.leave_unneeded && until.idle.count() > 0;
}

void add_limit(std::string& text, std::string const& limit)
{
	text += (text.empty() ? "serves until " : " or ") + limit;
}

} // namespace

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
	if (leaves_unneeded(until) && s.needy_peers == 0 && s.since_joined >= time_to_be_found)
	{
		return true;
	}
	if (until.idle.count() > 0)
	{
		return s.since_upload >= until.idle;
	}
	return until.total.count() == 0 && until.ratio <= 0;
}

std::string serves_until(manifest_seed_until const& until, seeding_so_far const& s)
{
	std::string text;
	if (s.role == target_role::seed || until.forever)
	{
		return text;
	}
	if (leaves_unneeded(until))
	{
		add_limit(text,
			fmt::format("{} peer{} that lack{} something {} all", s.needy_peers,
				s.needy_peers == 1 ? "" : "s", s.needy_peers == 1 ? "s" : "",
				s.needy_peers == 1 ? "has" : "have"));
	}
	if (until.idle.count() > 0)
	{
		add_limit(text, fmt::format("nobody has asked for {} s", until.idle.count()));
	}
	if (until.total.count() > 0)
	{
		add_limit(text, fmt::format("{} s are over", until.total.count()));
	}
	if (until.ratio > 0)
	{
		add_limit(text, fmt::format("{} copies are sent", until.ratio));
	}
	return text;
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
	return {role, now - m_begin, now - m_last_upload, m_uploaded, size, m_needy_peers, now - m_joined};
}

} // namespace rawswarm
