// SPDX-License-Identifier: BSD-3-Clause
// A beacon's content, for tests that need one with every value set.
#pragma once

#include "agent/beacon/beacon_format.hpp"
#include "agent/progress/progress.hpp"

namespace rawswarm::test
{

beacon_identity an_identity();
target_progress a_target();

// With a_target() as its one target.
progress some_progress();

} // namespace rawswarm::test
