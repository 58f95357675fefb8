// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/file_system_size.hpp"

#include <boost/endian/conversion.hpp>

#include <limits>

namespace rawswarm
{

namespace
{

using boost::endian::order;

// 0 past the end.
template <class Number, order Order = order::little>
std::uint64_t number_at(std::span<char const> const bytes, std::size_t const at)
{
	if (at + sizeof(Number) > bytes.size())
	{
		return 0;
	}
	// NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes
	auto const* const first = reinterpret_cast<unsigned char const*>(&bytes[at]);
	return boost::endian::endian_load<Number, sizeof(Number), Order>(first);
}

// Empty: too large for any disk, or nothing.
std::optional<std::uint64_t> product(std::uint64_t const count, std::uint64_t const unit)
{
	if (count == 0 || unit == 0 || count > std::numeric_limits<std::int64_t>::max() / unit)
	{
		return {};
	}
	return count * unit;
}

std::optional<std::uint64_t> power(std::uint64_t const count, std::uint64_t const shift)
{
	constexpr std::uint64_t most = 25; // no block is larger
	return shift <= most ? product(count, std::uint64_t(1) << shift) : std::nullopt;
}

std::optional<std::uint64_t> ext_size(std::span<char const> const start)
{
	constexpr std::size_t super = 1024;
	constexpr std::uint64_t has_64_bits = 0x80;
	constexpr std::uint64_t smallest_shift = 10;
	constexpr unsigned int high_half = 32;
	auto blocks = number_at<std::uint32_t>(start, super + 4);
	if ((number_at<std::uint32_t>(start, super + 0x60) & has_64_bits) != 0)
	{
		blocks |= number_at<std::uint32_t>(start, super + 0x150) << high_half;
	}
	return power(blocks, smallest_shift + number_at<std::uint32_t>(start, super + 0x18));
}

std::optional<std::uint64_t> xfs_size(std::span<char const> const start)
{
	return product(
		number_at<std::uint64_t, order::big>(start, 8), number_at<std::uint32_t, order::big>(start, 4));
}

// Of this device alone.
std::optional<std::uint64_t> btrfs_size(std::span<char const> const start)
{
	constexpr std::size_t device = 0x10000 + 0xc9;
	return product(number_at<std::uint64_t>(start, device + 8), 1);
}

std::optional<std::uint64_t> fat_size(std::span<char const> const start)
{
	auto const small = number_at<std::uint16_t>(start, 0x13);
	return product(
		small != 0 ? small : number_at<std::uint32_t>(start, 0x20), number_at<std::uint16_t>(start, 0x0b));
}

std::optional<std::uint64_t> exfat_size(std::span<char const> const start)
{
	return power(number_at<std::uint64_t>(start, 72), number_at<std::uint8_t>(start, 108));
}

std::optional<std::uint64_t> ntfs_size(std::span<char const> const start)
{
	auto const sectors = number_at<std::uint64_t>(start, 0x28);
	return sectors == 0 ? std::nullopt : product(sectors + 1, number_at<std::uint16_t>(start, 0x0b));
}

} // namespace

std::optional<std::uint64_t> file_system_size(std::string const& type, std::span<char const> const start)
{
	struct known
	{
		char const* type;
		std::optional<std::uint64_t> (*size)(std::span<char const>);
	};
	constexpr known all[] = {{"ext2", ext_size}, {"ext3", ext_size}, {"ext4", ext_size}, {"xfs", xfs_size},
		{"btrfs", btrfs_size}, {"vfat", fat_size}, {"exfat", exfat_size}, {"ntfs", ntfs_size}};
	for (auto const& k : all)
	{
		if (type == k.type)
		{
			return k.size(start);
		}
	}
	return {};
}

} // namespace rawswarm
