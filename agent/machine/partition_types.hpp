// SPDX-License-Identifier: BSD-3-Clause
// A partition table as a value: GPT or MBR. Pure; offsets and lengths are bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

struct table_partition
{
	int number = 0; // as in /dev/sda1
	std::uint64_t offset = 0;
	std::uint64_t length = 0;
	std::string uuid; // the kernel's PARTUUID, lower case: GPT's own, for MBR "LABELID-NN"
	std::string label; // GPT's name; empty for MBR
	std::string type; // GPT: a GUID, lower case; MBR: hexadecimal without 0x
	std::string attributes; // GPT's as sfdisk writes them; MBR's boot flag in hexadecimal, empty for none
	bool bootable = false; // MBR
	bool container = false; // MBR's extended partition, which holds others and no data

	friend bool operator==(table_partition const&, table_partition const&) = default;
};

struct partition_table
{
	std::string kind; // "gpt", "dos"
	std::string id; // the disk's GUID, or MBR id as "0x12345678"; lower case
	std::vector<table_partition> partitions; // by number

	friend bool operator==(partition_table const&, partition_table const&) = default;
};

// The numbers of two partitions that have bytes in common. Partitions inside a container may overlap it.
std::optional<std::pair<int, int>> overlapping(std::vector<table_partition> const& partitions);

} // namespace rawswarm
