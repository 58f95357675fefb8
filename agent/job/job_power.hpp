// SPDX-License-Identifier: BSD-3-Clause
// What a job needs to be allowed, from its plan to its end. What ends the machine, or replaces the program,
// is the guard's (guarded_work.hpp), which needs nothing of it here.
#pragma once

#include "agent/least_power/least_power.hpp"
#include "agent/manifest/manifest.hpp"

namespace rawswarm
{

// Pure.
least_power power_of(manifest const& job);

} // namespace rawswarm
