// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm verify`: reads the targets of a job past every cache and hashes them against their torrents.
// Writes nothing; the devices may be in use.
#pragma once

#include "agent/job/plan.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"

#include <functional>
#include <span>

namespace rawswarm
{

// Blocking: checks all targets at once, each in threads of its own. `display` is called every 250 ms by the
// calling thread. The result has an error for each target that differs or cannot be read, and the first of
// them in progress::error.
progress verify_targets(std::span<planned_target const> targets, manifest_storage const& settings,
	std::function<void(progress const&)> const& display);

} // namespace rawswarm
