// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/clean_marks.hpp"

#include <cstdint>

namespace rawswarm
{

namespace
{

constexpr auto not_clean = "it was not unmounted cleanly";

// Little-endian; 0 past the end.
std::uint64_t number_at(std::span<char const> const bytes, std::size_t const offset, std::size_t const length)
{
	std::uint64_t n = 0;
	for (std::size_t i = length; i-- > 0;)
	{
		auto const byte = offset + i < bytes.size() ? static_cast<unsigned char>(bytes[offset + i]) : 0U;
		n = n << 8U | byte;
	}
	return n;
}

} // namespace

std::string reason_against_fat(std::span<char const> const start)
{
	constexpr std::size_t root_entries = 0x11;
	constexpr std::size_t sectors16 = 0x13;
	constexpr std::size_t fat_sectors16 = 0x16;
	constexpr std::size_t sectors32 = 0x20;
	constexpr std::uint64_t fat16_from = 4085; // clusters: with fewer it is FAT12, which has no flags
	auto const sector = number_at(start, 0x0b, 2);
	auto const per_cluster = number_at(start, 0x0d, 1);
	auto const reserved = number_at(start, 0x0e, 2);
	bool const is_fat32 = number_at(start, fat_sectors16, 2) == 0;
	if ((number_at(start, is_fat32 ? 0x41 : 0x25, 1) & 1U) != 0)
	{
		return not_clean;
	}
	auto const table = static_cast<std::size_t>(reserved * sector);
	if (is_fat32)
	{
		constexpr std::uint64_t clean_shutdown = 0x0800'0000;
		return table + 8 <= start.size() && (number_at(start, table + 4, 4) & clean_shutdown) == 0 ? not_clean
																								   : "";
	}
	auto const sectors =
		number_at(start, sectors16, 2) != 0 ? number_at(start, sectors16, 2) : number_at(start, sectors32, 4);
	auto const overhead = reserved + number_at(start, 0x10, 1) * number_at(start, fat_sectors16, 2)
		+ (sector == 0 ? 0 : number_at(start, root_entries, 2) * 32 / sector);
	bool const is_fat16 =
		per_cluster != 0 && sectors > overhead && (sectors - overhead) / per_cluster >= fat16_from;
	constexpr std::uint64_t clean_shutdown16 = 0x8000;
	return is_fat16 && table + 4 <= start.size() && (number_at(start, table + 2, 2) & clean_shutdown16) == 0
		? not_clean
		: "";
}

std::string reason_against_exfat(std::span<char const> const start)
{
	constexpr std::size_t volume_flags = 106;
	constexpr std::uint64_t volume_dirty = 2;
	return (number_at(start, volume_flags, 2) & volume_dirty) != 0 ? not_clean : "";
}

std::string reason_against_btrfs(std::span<char const> const start)
{
	constexpr std::size_t super = 0x10000;
	constexpr std::size_t log_root = super + 0x60;
	constexpr std::size_t num_devices = super + 0x88;
	if (number_at(start, log_root, 8) != 0)
	{
		return "its log is still to be replayed";
	}
	return number_at(start, num_devices, 8) > 1 ? "it spans several devices" : "";
}

} // namespace rawswarm
