// The backend's counters as displays get them.
#pragma once

#include "agent/progress.hpp"
#include "storage/disk_stats.hpp"

namespace rawswarm
{

// The counters go on while they are read: they fit each other nearly.
storage_progress storage_numbers(disk_stats const& stats);

} // namespace rawswarm
