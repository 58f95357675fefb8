// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/seed_limits.hpp"

#include "base/result.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;

// Local discovery and an introduction by the seeder take a second. A machine that came to have the image
// without the swarm would else be gone before anyone met it.
constexpr std::chrono::seconds time_to_be_found = 2s;

// Bytes a second: of one block in 15 seconds, and far below what any machine of a room fetches.
constexpr double least_pace = 1024;

// What a room without a source of its own needs; a source serves machines that come later.
constexpr int longest_idle_times = 20;
constexpr int longest_own_times = 2;

// However much is asked for.
bool is_over(manifest_seed_until const& until, seeding_so_far const& s)
{
	if (until.idle.count() == 0 || until.total.count() > 0)
	{
		return false;
	}
	auto const own = s.since_joined - s.since_done; // what it took to get the image
	return s.since_done >= std::max<std::chrono::steady_clock::duration>(
			   longest_idle_times * until.idle, longest_own_times * own);
}

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
	if (is_over(until, s))
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
	m_uploaded = std::max(m_uploaded, bytes);
	auto const seconds = std::chrono::duration<double>(now - m_last_upload).count();
	if (m_uploaded > m_counted && static_cast<double>(m_uploaded - m_counted) >= least_pace * seconds)
	{
		m_counted = m_uploaded;
		m_last_upload = now;
	}
}

seeding_so_far seeding_times::so_far(
	target_role const role, std::int64_t const size, clock::time_point const now) const
{
	return {role, now - m_begin, now - m_last_upload, m_uploaded, size, m_needy_peers, now - m_joined};
}

} // namespace rawswarm
