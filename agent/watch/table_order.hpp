// SPDX-License-Identifier: BSD-3-Clause
// Who stands in the table of the room, and in which order. Pure: takes the fleet and a view, keeps no state.
#pragma once

#include "agent/progress/progress.hpp"
#include "agent/watch/fleet.hpp"
#include "agent/watch/table_view.hpp"

#include <cstdint>
#include <vector>

namespace rawswarm
{

// In the order in which they ask for a person.
enum class host_kind
{
	failed,
	silent,
	troubled,
	working,
	seeding,
	done,
};

host_kind kind_of(fleet_agent const& agent);

// Bytes a second that the table shows of a machine: what it sends while it seeds, else what it gets.
std::int64_t rate_of(job_state state, progress_totals const& t) noexcept;

// The machines that the view shows, failed and silent ones first whatever it sorts by.
std::vector<fleet_agent const*> arranged(fleet const& hosts, table_view const& view);

} // namespace rawswarm
