// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/torrent_sources.hpp"

#include "agent/log/log.hpp"
#include "agent/net/uri_reference.hpp"
#include "base/clean_text.hpp"

#include <libtorrent/announce_entry.hpp>

#include <algorithm>
#include <iterator>

namespace rawswarm
{

namespace
{

// Trackers and web seeds of the torrent that stay unused, and how to use them; empty: none.
std::string ignored_sources(lt::torrent_info const& torrent, manifest_swarm const& settings)
{
	std::vector<std::string> trackers;
	for (auto const& t : torrent.trackers())
	{
		if (!settings.torrents_trackers
			&& std::ranges::find(settings.trackers, t.url, &tracker_url::text) == settings.trackers.end())
		{
			trackers.push_back(printable_uri(t.url));
		}
	}
	std::string text;
	if (trackers.size() == 1)
	{
		text = fmt::format("the torrent's own tracker ({}) is not asked", trackers.front());
	}
	else if (!trackers.empty())
	{
		text = fmt::format("the torrent's own trackers ({} and others) are not asked", trackers.front());
	}
	text += text.empty() ? "" : R"(; "trackers": "torrent" or --tracker torrent changes that)";
	if (!torrent.web_seeds().empty())
	{
		text += fmt::format(R"({}its web seed ({}) is not used; "web_seeds" or --web-seed can name it)",
			text.empty() ? "" : "; ", printable_uri(torrent.web_seeds().front().url));
	}
	return text;
}

} // namespace

std::vector<std::string> trackers_of(lt::torrent_info const& torrent, manifest_swarm const& settings)
{
	auto& logger = log::get(log::component::swarm);
	std::vector<std::string> urls;
	std::ranges::transform(settings.trackers, std::back_inserter(urls), &tracker_url::text);
	if (torrent.priv())
	{
		logger.warn(
			"{}: a private torrent: peers come from the job's peers and trackers alone, without local "
			"discovery and introductions",
			printable(torrent.name()));
	}
	auto const unused = ignored_sources(torrent, settings);
	if (!unused.empty())
	{
		logger.info("{}: {}", printable(torrent.name()), unused);
	}
	if (settings.torrents_trackers)
	{
		for (auto const& t : torrent.trackers())
		{
			if (auto const url = tracker_url::parse(t.url))
			{
				urls.push_back(url.value().text());
				continue;
			}
			logger.warn("{}: the torrent's tracker {} is none that rawswarm can ask",
				printable(torrent.name()), printable_uri(t.url));
		}
	}
	return urls;
}

} // namespace rawswarm
