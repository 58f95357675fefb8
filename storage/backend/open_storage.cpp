// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/open_storage.hpp"

namespace rawswarm
{

namespace
{

// The longest run that pieces are put together for: what one vectored write takes (IOV_MAX) of whole blocks,
// 16 MiB.
constexpr int longest_run = 1024;

} // namespace

open_storage::open_storage(std::uint32_t const number, std::shared_ptr<storage_target> of)
	: id(number)
	, target(std::move(of))
	, writes(longest_run,
		  target && target->profile().kind == device_kind::hdd ? write_queue::order::fewest_seeks
															 : write_queue::order::sweeps)
{}

void open_storage::apply(coalesce_limits const& limits)
{
	max_blocks = limits.max_blocks.value_or(target->profile().max_blocks);
	min_blocks = limits.min_blocks.value_or(target->profile().min_blocks);
	timeout = limits.timeout.value_or(target->profile().timeout);
}

int open_storage::blocks_in(lt::piece_index_t const piece) const
{
	return (target->info().piece_size(piece) + block_size - 1) / block_size;
}

piece_place open_storage::place_of(lt::piece_index_t const piece) const
{
	int const size = target->info().piece_size(piece);
	piece_place place{key(piece), {}, {}, blocks_in(piece)};
	// nearly always the first byte and the last one say it; the whole is asked where those are padding
	auto const first = target->extents().map(piece, 0, 1);
	auto const last = target->extents().map(piece, size - 1, 1);
	if (first.front().offset && last.front().offset)
	{
		place.begin = *first.front().offset;
		place.end = *last.front().offset + 1;
		return place;
	}
	bool found = false;
	for (auto const& s : target->extents().map(piece, 0, size))
	{
		if (s.offset)
		{
			place.begin = found ? place.begin : *s.offset;
			place.end = *s.offset + static_cast<std::uint64_t>(s.length);
			found = true;
		}
	}
	return place;
}

} // namespace rawswarm
