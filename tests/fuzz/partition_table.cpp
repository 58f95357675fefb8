// SPDX-License-Identifier: BSD-3-Clause
// The GPT of a disk (storage/device/gpt_ends.hpp), which anybody may have written: it is none, or it can be
// put onto a smaller disk so that everything lies on that disk and its checksums are right. The first two
// bytes of the input are how many sectors the smaller disk has, the next says how the rest is read: the size
// of the sectors, and whether the checksums are made right before.
//
// Compiled with: storage/device/gpt_ends.cpp storage/device/gpt_place.cpp
#include "storage/device/gpt_ends.hpp"
#include "storage/device/gpt_layout.hpp"
#include "storage/device/gpt_place.hpp"
#include "tests/fuzz/require.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

namespace
{

using namespace rawswarm;
using fuzz::require;

constexpr std::size_t before_disk = 3;

// So that inputs get past them.
void make_checksums_right(std::span<char> const disk, std::uint64_t const sector)
{
	if (disk.size() < 2 * sector)
	{
		return;
	}
	auto const header = disk.subspan(sector, sector);
	auto const at = gpt_layout::number_at<std::uint64_t>(header, gpt_layout::entries_sector_at);
	auto const count = gpt_layout::number_at<std::uint32_t>(header, gpt_layout::entry_count_at);
	auto const each = gpt_layout::number_at<std::uint32_t>(header, gpt_layout::entry_size_at);
	auto const length = std::uint64_t(count) * each;
	if (at < disk.size() / sector && length <= disk.size() - at * sector)
	{
		boost::crc_32_type crc;
		crc.process_bytes(&disk[at * sector], length);
		gpt_layout::put_number(
			header, gpt_layout::entries_checksum_at, static_cast<std::uint32_t>(crc.checksum()));
	}
	sign_gpt_header(header);
}

void check_smaller(gpt_parts table, std::uint64_t const sectors)
{
	auto const ends = ends_on(table, sectors);
	if (!ends)
	{
		return;
	}
	require(ends->copy == sectors - 1 && ends->last_usable < ends->copy);
	require(ends->last_partition <= ends->last_usable);
	auto const length = table.start.size();
	set_ends(table, *ends);
	require(table.start.size() == length);
	require(ends_of(table) == *ends);
	auto const last = copy_of(table);
	require(last.bytes.size() == table.copy_length());
	require(last.at.bytes + last.bytes.size() == sectors * table.sector);
	auto const header = std::span<char const>(last.bytes).last(table.sector);
	require(is_gpt_header(std::span<char const>(table.start).subspan(table.sector)) && is_gpt_header(header));
	require(ends_on(table, sectors) == ends);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	if (size < before_disk)
	{
		return 0;
	}
	auto const sectors = std::uint64_t(data[0]) << 8U | data[1];
	auto const sector = std::uint64_t(512) << (data[2] % 4U);
	std::string disk(fuzz::text_of(data, size).substr(before_disk));
	if ((data[2] & 4U) != 0)
	{
		make_checksums_right(disk, sector);
	}
	auto const start = std::span<char const>(disk).first(std::min(disk.size(), gpt_reach));
	auto const found = gpt_sector(start, sector);
	require(!found || (*found >= 512 && *found <= 4096 && start.size() >= 2 * *found));
	(void)has_boot_signature(start);

	auto const read = [&disk](device_offset const at, std::span<char> const bytes) -> result<void> {
		if (at.bytes > disk.size() || bytes.size() > disk.size() - at.bytes)
		{
			return fail(fault::device, "reading the disk: it ends before");
		}
		std::ranges::copy(std::span(disk).subspan(at.bytes, bytes.size()), bytes.begin());
		return success();
	};
	auto const table = read_gpt(read, sector);
	if (table && table.value())
	{
		auto const& t = *table.value();
		require(found.has_value() && t.entries.size() % sector == 0 && t.entries.size() <= disk.size());
		(void)copy_of(t);
		check_smaller(t, sectors);
	}
	return 0;
}
