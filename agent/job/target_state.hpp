// SPDX-License-Identifier: BSD-3-Clause
// The states that a target goes through, as one table.
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
	safe_to_verify, // the same, and it is read back next
	verified, // and it was read back and hashed
	served, // nobody needs this machine any more
	error,
};

// Empty: the event means nothing in this state.
std::optional<job_state> next_state(job_state state, target_event event) noexcept;

// The state of a job of these targets: failed as soon as one failed and none goes on, else that of the
// target that is the furthest behind.
job_state overall_state(std::span<target_progress const> targets) noexcept;

} // namespace rawswarm
