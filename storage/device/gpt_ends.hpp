// SPDX-License-Identifier: BSD-3-Clause
// The numbers of a GPT that depend on the size of its disk: how they are read, and how they become those of
// another disk.
//
// Pure, but for read_gpt(). Sectors are those that the table counts in. Format: UEFI 2.10, 5.2.3 and 5.3.
#pragma once

#include "base/result.hpp"
#include "storage/device/units.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace rawswarm
{

struct gpt_ends
{
	std::uint64_t guard = 0; // sectors of the first partition in the protective MBR
	std::uint64_t copy = 0; // the sector that has the header of the copy
	std::uint64_t last_usable = 0; // the last sector that partitions may have
	std::uint64_t last_partition = 0; // the last sector of the partition that lies last; 0: there is none

	friend bool operator==(gpt_ends const&, gpt_ends const&) = default;
};

// A GPT as it is on a disk, without its copy.
struct gpt_parts
{
	std::uint64_t sector = 0; // bytes
	std::string start; // the first two sectors of the disk: the protective MBR and the header
	device_offset entries_at;
	std::string entries; // whole sectors

	// What the copy takes at the end of a disk, in bytes.
	std::uint64_t copy_length() const { return entries.size() + sector; }
};

using disk_reader = std::function<result<void>(device_offset at, std::span<char> bytes)>;

// The table of a disk with sectors of so many bytes. Empty: no header with a right checksum is there, or its
// entries are not what it says. Errors are those of the reader.
result<std::optional<gpt_parts>> read_gpt(disk_reader const& read, std::uint64_t sector);

gpt_ends ends_of(gpt_parts const& table);

// Those of the same table on a smaller disk: the partition that lies last ends with the disk at the latest.
// Empty: another one would have to shrink, or that one would not even begin on the disk.
std::optional<gpt_ends> ends_on(gpt_parts const& table, std::uint64_t sectors_of_disk);

// Puts them into the table, with the checksums that follow.
void set_ends(gpt_parts& table, gpt_ends const& ends);

// The copy of a table, its entries before its header, and where it stands.
struct gpt_copy
{
	device_offset at;
	std::string bytes;
};
gpt_copy copy_of(gpt_parts const& table);

} // namespace rawswarm
