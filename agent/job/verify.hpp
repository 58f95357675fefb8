// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm verify`: what is on the targets of a job, read past every cache and hashed against their
// torrents. Nothing is written, and a device may be in use meanwhile.
#pragma once

#include "agent/job/plan.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"

#include <functional>
#include <span>

namespace rawswarm
{

// Blocking: all targets at once, each on threads of its own. `display` is called now and then by the calling
// thread. What comes back has an error for each target that differs or could not be read, the first of them
// in progress::error.
progress verify_targets(std::span<planned_target const> targets, manifest_storage const& settings,
	std::function<void(progress const&)> const& display);

} // namespace rawswarm
