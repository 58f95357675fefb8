// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/gpt_ends.hpp"

#include "base/bytes.hpp"
#include "storage/device/gpt_layout.hpp"
#include "storage/device/gpt_place.hpp"

#include <boost/crc.hpp>

#include <algorithm>

namespace rawswarm
{

namespace
{

using namespace gpt_layout;

// Of an entry.
constexpr std::size_t type_bytes = 16;
constexpr std::size_t first_sector_at = 32;
constexpr std::size_t last_sector_at = 40;
constexpr std::uint64_t smallest_entry = 128;

// More than any tool makes: 128 entries take 16 KiB.
constexpr std::uint64_t most_entry_bytes = 256_KiB;

std::span<char const> header_of(gpt_parts const& table)
{
	return std::span(table.start).subspan(table.sector);
}

std::span<char> header_of(gpt_parts& table)
{
	return std::span(table.start).subspan(table.sector);
}

// The bytes of all entries, without what fills their last sector.
std::uint64_t entry_bytes(std::span<char const> const header)
{
	return std::uint64_t(number_at<std::uint32_t>(header, entry_count_at))
		* number_at<std::uint32_t>(header, entry_size_at);
}

std::uint32_t checksum_of(std::span<char const> const bytes)
{
	boost::crc_32_type crc;
	crc.process_bytes(bytes.data(), bytes.size());
	return crc.checksum();
}

// Calls `use` with the place of each entry that is in use.
template <class Use>
void for_each_entry(gpt_parts const& table, Use const& use)
{
	auto const header = header_of(table);
	std::uint64_t const size = number_at<std::uint32_t>(header, entry_size_at);
	for (std::uint64_t at = 0; at + size <= entry_bytes(header); at += size)
	{
		auto const type = std::span(table.entries).subspan(at, type_bytes);
		if (std::ranges::any_of(type, [](char const c) { return c != 0; }))
		{
			use(at);
		}
	}
}

// The place of that which lies last. Empty: there are none.
std::optional<std::uint64_t> last_entry(gpt_parts const& table)
{
	std::optional<std::uint64_t> last;
	for_each_entry(table, [&](std::uint64_t const at) {
		auto const first_sector = [&](std::uint64_t const entry) {
			return number_at<std::uint64_t>(table.entries, entry + first_sector_at);
		};
		last = last && first_sector(*last) > first_sector(at) ? last : at;
	});
	return last;
}

} // namespace

result<std::optional<gpt_parts>> read_gpt(disk_reader const& read, std::uint64_t const sector)
{
	gpt_parts table;
	table.sector = sector;
	table.start.resize(2 * sector);
	BOOST_OUTCOME_TRYV(read({}, table.start));
	auto const header = header_of(table);
	if (!is_gpt_header(header) || number_at<std::uint64_t>(header, own_sector_at) != 1)
	{
		return std::optional<gpt_parts>();
	}
	auto const length = entry_bytes(header);
	auto const at = number_at<std::uint64_t>(header, entries_sector_at);
	bool const is_sound = number_at<std::uint32_t>(header, entry_size_at) >= smallest_entry && length > 0
		&& length <= most_entry_bytes && at <= max_device_end / sector - most_entry_bytes;
	if (!is_sound)
	{
		return std::optional<gpt_parts>();
	}
	table.entries_at = {at * sector};
	table.entries.resize((length + sector - 1) / sector * sector);
	BOOST_OUTCOME_TRYV(read(table.entries_at, table.entries));
	bool const is_right = checksum_of(std::span(table.entries).first(length))
		== number_at<std::uint32_t>(header, entries_checksum_at);
	return is_right ? std::optional(std::move(table)) : std::nullopt;
}

gpt_ends ends_of(gpt_parts const& table)
{
	auto const header = header_of(table);
	auto const last = last_entry(table);
	return {number_at<std::uint32_t>(table.start, guard_length_at),
		number_at<std::uint64_t>(header, copy_sector_at), number_at<std::uint64_t>(header, last_usable_at),
		last ? number_at<std::uint64_t>(table.entries, *last + last_sector_at) : 0};
}

std::optional<gpt_ends> ends_on(gpt_parts const& table, std::uint64_t const sectors_of_disk)
{
	auto const reserved = table.copy_length() / table.sector;
	if (sectors_of_disk <= reserved)
	{
		return {};
	}
	auto ends = ends_of(table);
	ends.copy = sectors_of_disk - 1;
	ends.last_usable = sectors_of_disk - reserved - 1;
	ends.last_partition = std::min(ends.last_partition, ends.last_usable);
	auto const shrinks = last_entry(table);
	bool fits = true;
	for_each_entry(table, [&](std::uint64_t const at) {
		auto const must_fit = at == shrinks ? first_sector_at : last_sector_at;
		fits = fits && number_at<std::uint64_t>(table.entries, at + must_fit) <= ends.last_usable;
	});
	return fits ? std::optional(ends) : std::nullopt;
}

void set_ends(gpt_parts& table, gpt_ends const& ends)
{
	auto const header = header_of(table);
	put_number(std::span(table.start), guard_length_at, static_cast<std::uint32_t>(ends.guard));
	put_number(header, copy_sector_at, ends.copy);
	put_number(header, last_usable_at, ends.last_usable);
	if (auto const last = last_entry(table))
	{
		put_number(std::span(table.entries), *last + last_sector_at, ends.last_partition);
	}
	auto const entries = std::span(table.entries).first(entry_bytes(header));
	put_number(header, entries_checksum_at, checksum_of(entries));
	sign_gpt_header(header);
}

gpt_copy copy_of(gpt_parts const& table)
{
	auto header = table.start.substr(table.sector);
	auto const place = number_at<std::uint64_t>(header, copy_sector_at);
	auto const first = place - table.entries.size() / table.sector;
	put_number(std::span(header), own_sector_at, place);
	put_number(std::span(header), copy_sector_at, std::uint64_t(1));
	put_number(std::span(header), entries_sector_at, first);
	sign_gpt_header(header);
	return {{first * table.sector}, table.entries + header};
}

} // namespace rawswarm
