// SPDX-License-Identifier: BSD-3-Clause
// The states of a target and the events that lead from one to the next, as one table.
#pragma once

#include "agent/progress/progress.hpp"

#include <span>

namespace rawswarm
{

enum class target_event
{
	opened, // the device is open and the torrent is in the swarm
	opened_to_check, // the device is open, and what is on it is hashed before the torrent is in the swarm
	opened_to_serve, // as opened, for a seed
	checked, // what is on the device was hashed
	downloaded, // every piece passed its hash
	safe, // all of it is on the device and synced
	safe_to_verify, // the same, and reading it back comes next
	verified, // it was read back and hashed
	served, // it has served long enough
	error,
};

// The state that follows. Empty: the event means nothing in this state.
std::optional<job_state> next_state(job_state state, target_event event) noexcept;

// The state of a job with these targets: that of the target furthest behind, and once all are final, failed
// if any failed.
job_state overall_state(std::span<target_progress const> targets) noexcept;

} // namespace rawswarm
