// SPDX-License-Identifier: BSD-3-Clause
// Writes the partition tables of a job and records which disks were changed.
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
	std::vector<table_progress> tables; // of all disks, those that were not reached included
	std::optional<error> failed; // the first error; nothing was written after it
};

// Blocking. Writes each table that is not on its disk already and waits until the kernel shows its
// partitions.
written_tables write_tables(std::span<planned_table const> tables);

// Text to add to the error of a job: "; the partition table of /dev/sda was changed before, it is no longer
// what it was". Empty if nothing was changed.
std::string what_was_changed(std::span<table_progress const> tables);

} // namespace rawswarm
