// SPDX-License-Identifier: BSD-3-Clause
// The backend's counters as displays get them.
#pragma once

#include "agent/progress/progress.hpp"
#include "storage/backend/disk_stats.hpp"

namespace rawswarm
{

// The counters go on while they are read: they fit each other nearly.
storage_progress storage_numbers(disk_stats const& stats);

} // namespace rawswarm
