// SPDX-License-Identifier: BSD-3-Clause
// How the displays show what the swarm reports of a target.
//
// Pure.
#pragma once

#include "agent/job/target_rates.hpp"
#include "agent/progress/progress.hpp"
#include "agent/swarm/transfer_stats.hpp"

#include <chrono>

namespace rawswarm
{

// p: with its state, its total and what is done. stalled: for how long nothing has arrived.
void add_transfer(target_progress& p, transfer_stats const& stats,
	std::chrono::steady_clock::duration stalled, target_rates const& rates);

} // namespace rawswarm
