// SPDX-License-Identifier: BSD-3-Clause
// Writes the partition tables of a job, and remembers which disks are no longer what they were.
#pragma once

#include "agent/job/plan_disks.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rawswarm
{

struct written_tables
{
	std::vector<table_progress> tables; // of all disks, also of those that nothing became of
	std::optional<error> failed; // the first, after which nothing more was written
};

// Blocking: for each table that is not there already, until the kernel shows its partitions.
written_tables write_tables(std::span<planned_table const> tables);

// "; the partition table of /dev/sda was changed before, the disk is no longer what it was": to be added to
// the error of a job. Empty if nothing was changed.
std::string what_was_changed(std::span<table_progress const> tables);

} // namespace rawswarm
