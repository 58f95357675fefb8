// SPDX-License-Identifier: BSD-3-Clause
#include "agent/tracker/tracker.hpp"

#include "agent/tracker/bencoding.hpp"
#include "base/text.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

namespace ip = boost::asio::ip;

// A socket of both families has IPv4 addresses in the form of IPv6.
ip::address plain(ip::address const& a)
{
	return a.is_v6() && a.to_v6().is_v4_mapped() ? ip::make_address_v4(ip::v4_mapped, a.to_v6()) : a;
}

// An address of one link means nothing to others without the link's name, for which answers have no place.
bool can_be_told(ip::address const& a)
{
	return !a.is_unspecified() && !(a.is_v6() && a.to_v6().is_link_local());
}

std::string failure(std::string_view const reason)
{
	return "d" + bencoded("failure reason") + bencoded(reason) + "e";
}

std::string described(tracked_client const& c, bool const with_peer_ids)
{
	auto const id = with_peer_ids && !c.peer_id.empty() ? bencoded("peer id") + bencoded(c.peer_id) : "";
	return "d" + bencoded("ip") + bencoded(c.address.to_string()) + id + bencoded("port")
		+ bencoded(std::int64_t(c.port)) + "e";
}

// The end of an answer's dictionary.
std::string list_of(std::vector<tracked_client const*> const& clients, announce_request const& request)
{
	if (!request.is_compact)
	{
		std::string list;
		for (auto const* const c : clients)
		{
			list += described(*c, request.with_peer_ids);
		}
		return bencoded("peers") + "l" + list + "e";
	}
	std::string v4;
	std::string v6;
	for (auto const* const c : clients)
	{
		(c->address.is_v4() ? v4 : v6) += compact(c->address, c->port);
	}
	auto text = bencoded("peers") + bencoded(v4);
	return v6.empty() ? text : text + bencoded("peers6") + bencoded(v6);
}

} // namespace

tracker::tracker(tracker_options options)
	: m_options(options)
{}

void tracker::set_known(std::vector<std::string> const& info_hashes)
{
	std::map<std::string, tracked_torrent> known;
	for (auto const& digits : info_hashes)
	{
		auto const hash = from_hex(digits);
		if (hash && hash->size() == info_hash_bytes)
		{
			auto const old = m_torrents.find(*hash);
			known.emplace(*hash, old == m_torrents.end() ? tracked_torrent() : std::move(old->second));
			if (old != m_torrents.end())
			{
				m_torrents.erase(old);
			}
		}
	}
	m_torrents = std::move(known);
}

std::string tracker::announce(
	std::string_view const query, address const& from, address const& to, clock::time_point const now)
{
	++m_announces;
	auto const request = parse_announce(query);
	auto const it = request ? m_torrents.find(request.value().info_hash) : m_torrents.end();
	if (it == m_torrents.end())
	{
		++m_refused;
		return failure(request ? "this room has no image with that info-hash" : request.error().text);
	}
	note(request.value(), plain(from), it->second, now);
	bool const is_served = !request.value().lacks() || !on_wanted || on_wanted(to_hex(it->first));
	// on_wanted may have changed what is known
	auto const again = m_torrents.find(request.value().info_hash);
	if (again == m_torrents.end())
	{
		++m_refused;
		return failure("this room has no image with that info-hash");
	}
	return told(request.value(), plain(from), plain(to), again->second,
		is_served ? m_options.interval : m_options.opening_interval);
}

void tracker::note(announce_request const& request, address const& from, tracked_torrent& torrent,
	clock::time_point const now)
{
	if (request.event == announce_event::stopped)
	{
		torrent.remove(from, request.port);
	}
	else if (request.port != 0 && can_be_told(from))
	{
		bool const lacked = torrent.put(
			{from, request.port, request.peer_id, request.lacks(), request.is_complete}, m_options, now);
		if (lacked && request.event == announce_event::completed)
		{
			torrent.count_download();
		}
	}
	torrent.expire(now);
}

std::string tracker::told(announce_request const& request, address const& from, address const& to,
	tracked_torrent& torrent, std::chrono::seconds const interval)
{
	auto most = std::min(request.wanted.value_or(m_options.told_unasked), m_options.told);
	std::vector<tracked_client const*> clients;
	tracked_client const own{to, m_own_port, {}, false, true};
	if (request.event != announce_event::stopped)
	{
		if (request.lacks() && m_own_port != 0 && can_be_told(to) && most > 0)
		{
			clients.push_back(&own);
			--most;
		}
		auto const others = torrent.choose({from, request.port, request.lacks()}, most);
		std::ranges::copy_if(others, std::back_inserter(clients),
			[&own](auto const* const c) { return c->address != own.address || c->port != own.port; });
	}
	auto const complete = static_cast<std::int64_t>(torrent.complete()) + (m_own_port != 0 ? 1 : 0);
	auto const incomplete = static_cast<std::int64_t>(torrent.size() - torrent.complete());
	return "d" + bencoded("complete") + bencoded(complete) + bencoded("incomplete") + bencoded(incomplete)
		+ bencoded("interval") + bencoded(interval.count()) + bencoded("min interval")
		+ bencoded(m_options.opening_interval.count()) + list_of(clients, request) + "e";
}

std::string tracker::scrape(std::string_view const query, clock::time_point const now)
{
	auto const asked = parse_scrape(query, m_options.scraped);
	if (!asked)
	{
		return failure(asked.error().text);
	}
	auto text = "d" + bencoded("files") + "d";
	std::size_t told = 0;
	for (auto& [hash, torrent] : m_torrents)
	{
		bool const is_asked = asked.value().empty() || std::ranges::count(asked.value(), hash) > 0;
		if (!is_asked || told == m_options.scraped)
		{
			continue;
		}
		++told;
		torrent.expire(now);
		auto const complete = static_cast<std::int64_t>(torrent.complete());
		text += bencoded(hash) + "d" + bencoded("complete") + bencoded(complete + (m_own_port != 0 ? 1 : 0))
			+ bencoded("downloaded") + bencoded(torrent.downloads()) + bencoded("incomplete")
			+ bencoded(static_cast<std::int64_t>(torrent.size()) - complete) + "e";
	}
	return text + "ee";
}

tracker_counts tracker::counts(clock::time_point const now)
{
	tracker_counts n;
	n.torrents = m_torrents.size();
	n.announces = m_announces;
	n.refused = m_refused;
	for (auto& [hash, torrent] : m_torrents)
	{
		torrent.expire(now);
		n.complete += torrent.complete();
		n.incomplete += torrent.size() - torrent.complete();
	}
	return n;
}

} // namespace rawswarm
