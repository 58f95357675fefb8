// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/alert_text.hpp"

#include "agent/net/endpoint.hpp"
#include "agent/net/uri_reference.hpp"
#include "base/result.hpp"

#include <libtorrent/alert_types.hpp>

#include <cstddef>

namespace rawswarm
{

namespace
{

namespace level = spdlog::level;

std::string dropped(lt::alerts_dropped_alert const& a)
{
	std::string names;
	for (std::size_t i = 0; i < a.dropped_alerts.size(); ++i)
	{
		if (a.dropped_alerts[i])
		{
			names += fmt::format("{}{}", names.empty() ? "" : ", ", lt::alert_name(static_cast<int>(i)));
		}
	}
	return "libtorrent had more to tell than it keeps; some of this is lost: " + names;
}

std::string connected(lt::peer_connect_alert const& a)
{
	bool const is_theirs = a.direction == lt::peer_connect_alert::direction_t::in;
	return fmt::format("{} {}", format_endpoint(a.endpoint), is_theirs ? "has connected" : "was dialled");
}

// libtorrent's own text, which has the tracker's URL in it.
std::string without_secrets(std::string text, std::string const& url)
{
	if (auto const at = url.empty() ? std::string::npos : text.find(url); at != std::string::npos)
	{
		text.replace(at, url.size(), printable_uri(url));
	}
	return text;
}

} // namespace

spdlog::level::level_enum alert_level(lt::alert const& a)
{
	switch (a.type())
	{
	case lt::session_error_alert::alert_type: return level::err;
	case lt::alerts_dropped_alert::alert_type:
	case lt::tracker_warning_alert::alert_type:
	case lt::hash_failed_alert::alert_type: return level::warn;
	// nobody else is on the loopback interface
	case lt::lsd_error_alert::alert_type:
		return lt::alert_cast<lt::lsd_error_alert>(&a)->local_address.is_loopback() ? level::debug
																					: level::info;
	// those that are about a tracker or local discovery are told with its name
	case lt::udp_error_alert::alert_type:
	case lt::tracker_error_alert::alert_type: return level::debug;
	// one per block: the storage has reported the first, with the name of the device
	case lt::file_error_alert::alert_type: return level::trace;
	default: return a.category() & lt::alert_category::error ? level::warn : level::debug;
	}
}

std::string alert_text(lt::alert const& a)
{
	if (auto const* const e = lt::alert_cast<lt::session_error_alert>(&a))
	{
		return fmt::format("the session of the swarm: {}", e->message());
	}
	if (auto const* const e = lt::alert_cast<lt::alerts_dropped_alert>(&a))
	{
		return dropped(*e);
	}
	if (auto const* const e = lt::alert_cast<lt::tracker_warning_alert>(&a))
	{
		return fmt::format("tracker {} says: {}", printable_uri(e->tracker_url()), e->warning_message());
	}
	if (auto const* const e = lt::alert_cast<lt::hash_failed_alert>(&a))
	{
		return fmt::format("piece {} arrived wrong, it is fetched again", static_cast<int>(e->piece_index));
	}
	if (auto const* const e = lt::alert_cast<lt::lsd_error_alert>(&a))
	{
		return fmt::format("local discovery at {}: {}", e->local_address.to_string(), e->error.message());
	}
	if (auto const* const e = lt::alert_cast<lt::peer_connect_alert>(&a))
	{
		return connected(*e);
	}
	if (auto const* const e = lt::alert_cast<lt::peer_disconnected_alert>(&a))
	{
		return fmt::format("{} is gone: {}", format_endpoint(e->endpoint), e->error.message());
	}
	if (auto const* const e = lt::alert_cast<lt::peer_blocked_alert>(&a))
	{
		return fmt::format(
			"{} is turned away: it is banned, or not in the job's \"allow\"", format_endpoint(e->endpoint));
	}
	if (auto const* const e = dynamic_cast<lt::tracker_alert const*>(&a))
	{
		return without_secrets(a.message(), e->tracker_url());
	}
	return a.message();
}

} // namespace rawswarm
