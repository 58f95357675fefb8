// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/progress_watch.hpp"

#include "base/format_size.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

// A target that waits for others for less is not worth a line.
constexpr std::chrono::seconds shortest_wait{1};

} // namespace

progress_watch::progress_watch(
	std::string device, std::function<std::string()> why_no_peers, clock::time_point const now)
	: m_device(std::move(device))
	, m_why_no_peers(std::move(why_no_peers))
	, m_stall(now)
	, m_company(now)
	, m_note(m_device)
{}

void progress_watch::restart(clock::time_point const now)
{
	m_stall.restart(now);
	m_company.restart(now);
	m_note.clear();
}

std::optional<error> progress_watch::check(
	target_advance const& a, std::chrono::seconds const timeout, clock::time_point const now)
{
	if (m_awaits_others)
	{
		m_stall.restart(now);
		if (now - *m_awaits_others >= shortest_wait)
		{
			m_note.set("waits until the other targets of its torrent are checked", false);
		}
		return std::nullopt;
	}
	bool const is_flushing = a.state == job_state::flushing;
	bool const is_downloading = a.state == job_state::downloading;
	m_stall.update((is_flushing ? a.written : a.useful) + a.checked, now);
	if (is_downloading)
	{
		look_for_company(a, now);
	}
	else if (is_flushing && a.written == a.total)
	{
		m_note.set(a.gaps_left > 0 ? fmt::format(
					   "{} where the image has nothing are still to be zeros", format_size(a.gaps_left))
								   : std::string(),
			false);
	}
	if (timeout.count() == 0 || m_stall.stalled(now) < timeout || (is_flushing && a.is_syncing))
	{
		return std::nullopt;
	}
	auto const why = is_downloading && a.peers == 0 ? "; no peers: " + m_why_no_peers() : std::string();
	return fail(is_flushing ? fault::device : fault::network,
		"{} {}: no progress for {} seconds, {} of {} bytes {}{}",
		is_downloading ? "downloading to" : to_string(a.state), m_device, timeout.count(),
		is_flushing ? a.written : a.done, a.total, is_flushing ? "written" : "done", why);
}

void progress_watch::look_for_company(target_advance const& a, clock::time_point const now)
{
	std::string missing;
	switch (m_company.check(a.peers, a.useful, m_stall.stalled(now), now))
	{
	case company_watch::verdict::fine: break;
	case company_watch::verdict::no_peers: missing = "no peers: " + m_why_no_peers(); break;
	case company_watch::verdict::nothing_arrives:
		missing = fmt::format("nothing arrives from {} peer{}", a.peers, a.peers == 1 ? "" : "s");
		break;
	}
	m_note.set(std::move(missing), true);
}

} // namespace rawswarm
