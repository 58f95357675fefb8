// SPDX-License-Identifier: BSD-3-Clause
// How a job went that is done: how long it took, by its phases, and what the limit was. Pure.
#pragma once

#include "agent/progress/progress.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// "7m51s in all: job 0.2s, plan 0.1s, table 1.2s, finishing 3.4s"
// "/dev/sda: 3.5 GiB, 1.6 GiB over the network: download 6m10s (9.7 MiB/s), flush 12s (gaps 4.0s,
// sync 10s), readback 1m02s, serving 15s"
// "the limit was the disk: ..."
//
// Without newlines. None if the progress is no job's.
std::vector<std::string> final_lines(progress const& p);

} // namespace rawswarm
