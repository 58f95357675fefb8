// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/frame_run.hpp"

#include "storage/device/units.hpp"

#include <algorithm>
#include <array>

namespace rawswarm
{

namespace
{

// From a byte of the payload on, what the blocks before `end_block` have of the range.
payload_range part_before(
	std::uint64_t const begin, std::uint64_t const end_block, payload_range const wanted)
{
	return {begin, std::min(wanted.begin + wanted.length, end_block * block_size) - begin};
}

// A whole block goes straight to where it is wanted.
result<void> unpack_block(frame_reader& reader, std::span<char const> const frame,
	std::uint32_t const block_length, std::uint64_t const skip, std::span<char> const to)
{
	if (to.size() == block_length)
	{
		return reader.unpack(frame, to);
	}
	std::array<char, std::size_t(block_size)> around{};
	auto const block = std::span(around).first(block_length);
	BOOST_OUTCOME_TRYV(reader.unpack(frame, block));
	std::ranges::copy(block.subspan(skip, to.size()), to.begin());
	return success();
}

} // namespace

std::vector<frame_run> frame_runs(
	seek_table const& table, payload_range const wanted, std::uint64_t const most_bytes)
{
	std::vector<frame_run> runs;
	auto at = wanted.begin;
	auto block = wanted.begin / block_size;
	while (at < wanted.begin + wanted.length)
	{
		auto const place = table.place(block);
		if (runs.empty() || runs.back().length + place.length > most_bytes)
		{
			runs.push_back({block, 0, place.offset, 0, {at, 0}});
		}
		auto& run = runs.back();
		++block;
		++run.blocks;
		run.length += place.length;
		run.wanted = part_before(run.wanted.begin, block, wanted);
		at = run.wanted.begin + run.wanted.length;
	}
	return runs;
}

result<void> unpack_run(frame_reader& reader, seek_table const& table, frame_run const& run,
	std::span<char const> const frames, std::span<char> to)
{
	auto skip = run.wanted.begin % block_size;
	for (auto block = run.first_block; block < run.first_block + run.blocks; ++block)
	{
		auto const place = table.place(block);
		auto const part = to.first(std::min<std::uint64_t>(to.size(), place.block_length - skip));
		auto const unpacked = unpack_block(
			reader, frames.subspan(place.offset - run.offset, place.length), place.block_length, skip, part);
		if (!unpacked)
		{
			return fail(fault::refused, "at {:#x}: {}", place.offset, unpacked.error().text);
		}
		to = to.subspan(part.size());
		skip = 0;
	}
	return success();
}

} // namespace rawswarm
