// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/tracker_watch.hpp"

#include "agent/net/uri_reference.hpp"
#include "base/clean_text.hpp"
#include "base/result.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

// A server that restarts, or a machine that is faster, is no fault yet.
constexpr std::chrono::seconds patience{10};

} // namespace

std::optional<std::string> tracker_watch::answered(std::string const& url, address const& from)
{
	auto& t = m_trackers[url];
	t.is_failing[from] = false;
	t.since.reset();
	if (!std::exchange(t.is_reported, false))
	{
		return {};
	}
	return fmt::format("tracker {} answers again", printable_uri(url));
}

void tracker_watch::failed(
	std::string const& url, address const& from, std::string reason, clock::time_point const now)
{
	auto& t = m_trackers[url];
	t.is_failing[from] = true;
	t.reason = std::move(reason);
	if (!t.since && std::ranges::all_of(t.is_failing, [](auto const& at) { return at.second; }))
	{
		t.since = now;
	}
}

std::vector<std::string> tracker_watch::silent(clock::time_point const now)
{
	std::vector<std::string> lines;
	for (auto& [url, t] : m_trackers)
	{
		if (t.since && !t.is_reported && now - *t.since >= patience)
		{
			t.is_reported = true;
			lines.push_back(fmt::format("tracker {} does not answer: {}; it is asked again until it does",
				printable_uri(url), printable(t.reason)));
		}
	}
	return lines;
}

std::string tracker_watch::reasons() const
{
	std::string text;
	for (auto const& [url, t] : m_trackers)
	{
		if (t.since)
		{
			text +=
				fmt::format("{}{}: {}", text.empty() ? "" : "; ", printable_uri(url), printable(t.reason));
		}
	}
	return text;
}

} // namespace rawswarm
