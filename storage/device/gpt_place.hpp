// SPDX-License-Identifier: BSD-3-Clause
// Where a GPT stands on a disk. Its header is in the second logical sector, and all its numbers count logical
// sectors: the table of a disk with sectors of 512 bytes is not found on one with 4096, nor the other way
// round.
//
// Pure. Format: UEFI 2.10, 5.3.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rawswarm
{

// Bytes at the start of a disk that gpt_sector() wants to see; fewer if the disk has fewer.
inline constexpr std::size_t gpt_reach = 8192;

// The size of the sectors that the GPT of this disk counts in: `likely` if one stands there, else another.
// Empty: no sound header at any place.
std::optional<std::uint64_t> gpt_sector(std::span<char const> start, std::uint64_t likely);

// Whether the sector begins with a header whose checksum is right: that of the table, or of its copy.
bool is_gpt_header(std::span<char const> sector);

// Puts the right checksum into a header that was changed. is_gpt_header() was true before.
void sign_gpt_header(std::span<char> sector);

// Whether the first sector ends as that of an MBR does, or of a file system with a boot sector.
bool has_boot_signature(std::span<char const> start);

} // namespace rawswarm
