// SPDX-License-Identifier: BSD-3-Clause
// The beginning of a file system that anybody may have made (agent/source_map/file_system_size.hpp,
// clean_marks.hpp): its size is one that a device can have, and does not depend on what follows its
// superblock; what is said against it is one line. The first byte of the input is the type.
//
// Compiled with: agent/source_map/clean_marks.cpp agent/source_map/file_system_size.cpp
#include "agent/source_map/clean_marks.hpp"
#include "agent/source_map/file_system_size.hpp"
#include "storage/device/units.hpp"
#include "tests/fuzz/require.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace
{

using namespace rawswarm;
using fuzz::require;

constexpr std::array<char const*, 9> types{
	"ext2", "ext3", "ext4", "xfs", "btrfs", "vfat", "exfat", "ntfs", "swap"};

// Bytes that have the superblock of every type but Btrfs, which begins at 64 KiB.
constexpr std::size_t superblock_end = 4096;
constexpr std::size_t before_btrfs = 0x10000;

void check(std::string const& type, std::string const& start)
{
	auto const size = file_system_size(type, start);
	require(!size || (*size > 0 && *size <= max_device_end));
	std::string whole = start;
	whole.resize(start.size() + superblock_end);
	bool const has_superblock = start.size() >= superblock_end + (type == "btrfs" ? before_btrfs : 0);
	require(!has_superblock || file_system_size(type, whole) == size);
	require(type != "swap" || !size);
	for (auto const reason : {reason_against_fat, reason_against_exfat, reason_against_btrfs})
	{
		fuzz::require_one_line(reason(start));
		fuzz::require_one_line(reason(whole));
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	if (size < 1)
	{
		return 0;
	}
	std::string const type = types.at(data[0] % types.size());
	auto const bytes = fuzz::text_of(data, size).substr(1);
	check(type, std::string(bytes));
	check(type, std::string(before_btrfs, '\0') += bytes);
	return 0;
}
