// SPDX-License-Identifier: BSD-3-Clause
// What a client asks a tracker, from the query of its request (BEP 3, 7, 21, 23, 48). Pure.
//
// Keys that are not known are passed over, an `ip` among them: anybody could write anybody's address there.
// Of a key that comes twice the first counts. An error's text is the reason that the client shows.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

inline constexpr std::size_t info_hash_bytes = 20; // of BitTorrent v1

enum class announce_event
{
	none, // it is only time again
	started,
	stopped,
	completed,
	paused // it has what it wants, though not everything (BEP 21)
};

struct announce_request
{
	std::string info_hash; // 20 bytes
	std::string peer_id; // 20 bytes, or empty
	std::uint16_t port = 0; // where it listens; 0: nowhere
	bool is_complete = false; // it lacks nothing
	announce_event event = announce_event::none;
	std::optional<std::size_t> wanted; // addresses
	bool is_compact = true;
	bool with_peer_ids = true; // in the form that is not compact

	// It would fetch something.
	bool lacks() const
	{
		return !is_complete && event != announce_event::paused && event != announce_event::stopped;
	}
};

result<announce_request> parse_announce(std::string_view query);

// The info-hashes, 20 bytes each, at most `most`; none: all are meant.
result<std::vector<std::string>> parse_scrape(std::string_view query, std::size_t most);

} // namespace rawswarm
