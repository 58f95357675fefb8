// SPDX-License-Identifier: BSD-3-Clause
// How many bytes a file system takes of its partition, as its own superblock says.
//
// Pure: bytes in, a number out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace rawswarm
{

// So many bytes from the beginning of a file system have all of its superblock.
inline constexpr std::size_t superblock_reach = std::size_t(128) * 1024;

// type: as blkid names it. start: its first superblock_reach bytes, or all of them. Empty: it is no file
// system whose size is known here. NTFS counts with the copy of its boot sector, which lies behind it.
// ext2 to ext4: Linux, Documentation/filesystems/ext4. XFS: xfs_format.h. Btrfs: On-disk format,
// "Superblock". FAT, exFAT: Microsoft's specifications. NTFS: Linux, fs/ntfs3/ntfs.h.
std::optional<std::uint64_t> file_system_size(std::string const& type, std::span<char const> start);

} // namespace rawswarm
