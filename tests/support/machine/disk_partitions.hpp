// SPDX-License-Identifier: BSD-3-Clause
// A disk's partitions as a test compares them: what a table says, and what the kernel has.
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

// What /sys has of a disk in /dev. A device that is missing, or has another size, fails the test.
partition_map known_partitions(std::string const& disk);

// Plans a script for the disk and writes it, which must succeed and announce the change once.
partition_table write_script(std::string const& disk, std::string const& script);

// "clean", or what sgdisk has against a disk with a GPT.
std::string sgdisk_verdict(std::string const& disk);

} // namespace rawswarm::test
