// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/gpt_place.hpp"

#include "storage/device/gpt_layout.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace rawswarm
{

namespace
{

using namespace gpt_layout;

constexpr std::uint64_t sector_sizes[] = {512, 1024, 2048, 4096};

// Empty: no size that a header can have.
std::optional<std::size_t> header_size(std::span<char const> const sector)
{
	constexpr std::string_view magic = "EFI PART";
	if (sector.size() < smallest_header || std::string_view(sector.data(), magic.size()) != magic)
	{
		return {};
	}
	auto const size = number_at<std::uint32_t>(sector, size_at);
	return size < smallest_header || size > sector.size() ? std::nullopt : std::optional<std::size_t>(size);
}

std::uint32_t checksum_of(std::span<char const> const header)
{
	constexpr std::array<char, checksum_end - checksum_at> no_checksum{};
	boost::crc_32_type crc;
	crc.process_bytes(header.data(), checksum_at);
	crc.process_bytes(no_checksum.data(), no_checksum.size());
	crc.process_bytes(header.data() + checksum_end, header.size() - checksum_end);
	return crc.checksum();
}

bool has_gpt(std::span<char const> const start, std::uint64_t const sector)
{
	if (start.size() < 2 * sector)
	{
		return false;
	}
	auto const second = start.subspan(sector, sector);
	return is_gpt_header(second) && number_at<std::uint64_t>(second, own_sector_at) == 1;
}

} // namespace

bool is_gpt_header(std::span<char const> const sector)
{
	auto const size = header_size(sector);
	return size && checksum_of(sector.first(*size)) == number_at<std::uint32_t>(sector, checksum_at);
}

void sign_gpt_header(std::span<char> const sector)
{
	auto const size = header_size(sector);
	put_number(sector, checksum_at, size ? checksum_of(sector.first(*size)) : std::uint32_t(0));
}

std::optional<std::uint64_t> gpt_sector(std::span<char const> const start, std::uint64_t const likely)
{
	if (has_gpt(start, likely))
	{
		return likely;
	}
	auto const* const found =
		std::ranges::find_if(sector_sizes, [start](std::uint64_t const s) { return has_gpt(start, s); });
	return found == std::end(sector_sizes) ? std::nullopt : std::optional(*found);
}

bool has_boot_signature(std::span<char const> const start)
{
	constexpr std::size_t at = 510;
	return start.size() >= at + 2 && start[at] == '\x55' && start[at + 1] == '\xaa';
}

} // namespace rawswarm
