// SPDX-License-Identifier: BSD-3-Clause
// The storage backend's counters as displays show them. Pure.
#pragma once

#include "agent/progress/progress.hpp"
#include "storage/backend/disk_stats.hpp"

namespace rawswarm
{

// Counters as shares, means and quantiles. Counting goes on meanwhile, so that they agree nearly, not
// exactly.
storage_progress summarize_storage(disk_stats const& stats);

} // namespace rawswarm
