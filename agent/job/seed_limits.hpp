// SPDX-License-Identifier: BSD-3-Clause
// When a target has served long enough.
#pragma once

#include "agent/manifest/manifest.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace rawswarm
{

struct seeding_so_far
{
	target_role role = target_role::image;
	std::chrono::steady_clock::duration since_done{}; // since the target was done
	std::chrono::steady_clock::duration since_upload{}; // since it last sent payload, or was done
	std::int64_t uploaded = 0; // bytes of payload
	std::int64_t size = 0; // bytes of the image
};

// Of an image: the first limit that is set and reached ends it, and with none it serves nobody. A seed
// was started to serve: it goes on until it is stopped, or one of `seconds` and `ratio` is reached. The
// room may be late, so idle time is no reason for it to leave.
bool has_served(manifest_seed_until const& until, seeding_so_far const& s);

} // namespace rawswarm
