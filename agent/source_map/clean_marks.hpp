// SPDX-License-Identifier: BSD-3-Clause
// The marks by which file systems of others say that they were unmounted cleanly.
//
// Pure: bytes in, a reason out.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace rawswarm
{

// So many bytes from the beginning of a file system have all of its marks.
inline constexpr std::size_t marks_reach = std::size_t(128) * 1024;

// Why it is not clean, or that it spans several devices; empty: nothing is known against it. `start`: its
// first marks_reach bytes, or all of them.
// FAT: bit 0 of the byte at 0x25, or 0x41 of FAT32 (Linux), and the flags in the second entry of the table
// (Microsoft's FAT specification, "FAT volume initialization").
std::string reason_against_fat(std::span<char const> start);
// exFAT: bit 1 of VolumeFlags (Microsoft's exFAT specification, 3.1.13).
std::string reason_against_exfat(std::span<char const> start);
// Btrfs: a log tree to be replayed, or more devices than one (On-disk format, "Superblock").
std::string reason_against_btrfs(std::span<char const> start);

} // namespace rawswarm
