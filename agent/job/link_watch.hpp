// SPDX-License-Identifier: BSD-3-Clause
// Decides when it is said that the machine's own network has no link, and for how long afterwards that it had
// none: while it has none no beacon leaves it.
//
// Pure: the caller brings the time and what why_no_link() (agent/net/card_links.hpp) says.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace rawswarm
{

class link_watch
{
public:
	using clock = std::chrono::steady_clock;

	enum class verdict
	{
		nothing_new,
		is_gone, // to be said, once for each time
		is_back
	};

	// A link is gone for two or three seconds when a switch restarts or a driver sets up its card.
	static constexpr std::chrono::seconds patience{5};

	// Several beacons.
	static constexpr std::chrono::seconds aftermath{10};

	// why: empty while there is a link.
	verdict update(std::string const& why, clock::time_point now);

	// For the displays: "this machine has no link: eth0 has no carrier", "this machine had no link for 30
	// seconds", or empty.
	std::string const& text() const { return m_text; }

	// As of the last update.
	bool is_gone() const { return m_is_gone; }

private:
	std::optional<clock::time_point> m_since; // when the link went
	std::optional<clock::time_point> m_back; // since when it is back
	bool m_is_gone = false;
	std::string m_text;
};

} // namespace rawswarm
