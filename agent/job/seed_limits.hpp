// SPDX-License-Identifier: BSD-3-Clause
// Decides when a target has served long enough.
//
// Pure: the caller brings the time.
#pragma once

#include "agent/manifest/manifest.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace rawswarm
{

struct seeding_so_far
{
	target_role role = target_role::image;
	std::chrono::steady_clock::duration since_done{}; // since the target was done
	std::chrono::steady_clock::duration since_upload{}; // since it last sent payload, or was done
	std::int64_t uploaded = 0; // bytes of payload
	std::int64_t size = 0; // bytes of the image
	int needy_peers = 0; // connected, and without the whole image
	std::chrono::steady_clock::duration since_joined{}; // since the target joined the swarm
};

// An image stops at the first limit that is set and reached; if none is set it does not serve at all. A seed
// was started to serve: it goes on until it is stopped or reaches `seconds` or `ratio`. It ignores idle time,
// as the room may be late.
//
// An image is idle as long as it is asked for next to nothing: less than 1 KiB a second. And idle_seconds has
// an end of its own, however much is asked for: twenty times as long, or twice as long as it took to get the
// image, so that machines which started together are done by then. `seconds` takes the place of that end.
//
// Without idle_seconds in the job an image also stops when no peer needs it. It stays in the swarm for a
// moment first, so that the room can find it.
bool has_served(manifest_seed_until const& until, seeding_so_far const& s);

// What an image that serves waits for, for the display. Empty for a seed, of which serving is the purpose.
std::string serves_until(manifest_seed_until const& until, seeding_so_far const& s);

// Keeps the times of one target for has_served().
class seeding_times
{
public:
	using clock = std::chrono::steady_clock;

	// The target is done and serves from now on. Called again if it joined the swarm before it was done.
	void begin(clock::time_point now)
	{
		m_begin = m_last_upload = now;
		m_counted = m_uploaded;
	}

	// The target has joined the swarm.
	void join(clock::time_point now) { m_joined = now; }

	void set_needy_peers(int peers) { m_needy_peers = peers; }

	// bytes: payload that was sent so far.
	void update(std::int64_t bytes, clock::time_point now);

	seeding_so_far so_far(target_role role, std::int64_t size, clock::time_point now) const;

private:
	clock::time_point m_begin{};
	clock::time_point m_last_upload{};
	clock::time_point m_joined{};
	int m_needy_peers = 0;
	std::int64_t m_uploaded = 0;
	std::int64_t m_counted = 0; // of it, when it last was more than next to nothing
};

} // namespace rawswarm
