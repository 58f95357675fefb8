// SPDX-License-Identifier: BSD-3-Clause
// Where the numbers of a GPT and of its protective MBR stand: bytes from the start of the header, or of the
// first sector. All are least significant byte first.
//
// Format: UEFI 2.10, 5.2.3 and 5.3.2.
#pragma once

#include <boost/endian/conversion.hpp>

#include <cstddef>
#include <span>

namespace rawswarm::gpt_layout
{

// Of the protective MBR.
inline constexpr std::size_t guard_length_at = 446 + 12; // of its first partition
inline constexpr std::size_t guard_length_bytes = 4;

// Of the header.
inline constexpr std::size_t size_at = 12;
inline constexpr std::size_t checksum_at = 16;
inline constexpr std::size_t checksum_end = 20;
inline constexpr std::size_t own_sector_at = 24;
inline constexpr std::size_t copy_sector_at = 32;
inline constexpr std::size_t last_usable_at = 48;
inline constexpr std::size_t entries_sector_at = 72;
inline constexpr std::size_t entry_count_at = 80;
inline constexpr std::size_t entry_size_at = 84;
inline constexpr std::size_t entries_checksum_at = 88;
inline constexpr std::size_t smallest_header = 92;
inline constexpr std::size_t sector_bytes = 8; // of the number of a sector

template <class Number>
Number number_at(std::span<char const> const bytes, std::size_t const at)
{
	// NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes
	auto const* const first = reinterpret_cast<unsigned char const*>(&bytes[at]);
	return boost::endian::endian_load<Number, sizeof(Number), boost::endian::order::little>(first);
}

template <class Number>
void put_number(std::span<char> const bytes, std::size_t const at, Number const number)
{
	// NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes
	auto* const first = reinterpret_cast<unsigned char*>(&bytes[at]);
	boost::endian::endian_store<Number, sizeof(Number), boost::endian::order::little>(first, number);
}

} // namespace rawswarm::gpt_layout
