// SPDX-License-Identifier: BSD-3-Clause
// A disk's partitions in a form that tests compare: those of a table and those that the kernel knows.
#pragma once

#include "agent/machine/partition_table.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace rawswarm::test
{

// By number: offset and length, bytes.
using partition_map = std::map<int, std::pair<std::uint64_t, std::uint64_t>>;

partition_map partitions_of(partition_table const& table);

// The partitions of a disk according to /sys. A missing or wrong-sized device in /dev fails the test.
partition_map known_partitions(std::string const& disk);

// Plans a script for the disk and writes the table, which must succeed and announce the change once.
partition_table write_script(std::string const& disk, std::string const& script);

// Writes a table onto a file with sfdisk, which must succeed.
void run_sfdisk(std::string const& file, std::string const& script);

// "clean", or the faults that sgdisk finds on a disk with a GPT.
std::string sgdisk_verdict(std::string const& disk);

} // namespace rawswarm::test
