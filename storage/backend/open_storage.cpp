// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/open_storage.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

// The longest chain of pieces: as many whole blocks as one vectored write takes (IOV_MAX), 16 MiB.
constexpr int longest_run = 1024;

} // namespace

open_storage::open_storage(std::uint32_t const number, std::shared_ptr<storage_target> of, disk_stats& stats)
	: id(number)
	, target(std::move(of))
	, writes(longest_run,
		  target && target->profile().kind == device_kind::hdd ? write_queue::order::fewest_seeks
															   : write_queue::order::sweeps)
	, pressure(stats)
{}

void open_storage::apply(coalesce_limits const& limits)
{
	max_blocks = limits.max_blocks.value_or(target->profile().max_blocks);
	min_blocks = limits.min_blocks.value_or(target->profile().min_blocks);
	timeout = limits.timeout.value_or(target->profile().timeout);
}

int open_storage::blocks_in_piece(lt::piece_index_t const piece) const
{
	return blocks_in(target->info().piece_size(piece));
}

int open_storage::block_length(lt::piece_index_t const piece, block_index const block) const
{
	return std::min(block_size, target->info().piece_size(piece) - block.value * block_size);
}

piece_location open_storage::location_of(lt::piece_index_t const piece) const
{
	int const size = target->info().piece_size(piece);
	piece_location location{key(piece), {}, {}, blocks_in(size)};
	// nearly always the first and the last byte are enough; where one is padding, all parts are looked at
	auto const first = target->extents().map(piece, 0, 1);
	auto const last = target->extents().map(piece, size - 1, 1);
	if (first.front().offset && last.front().offset)
	{
		location.begin = *first.front().offset;
		location.end = *last.front().offset + 1;
		return location;
	}
	bool found = false;
	for (auto const& s : target->extents().map(piece, 0, size))
	{
		if (s.offset)
		{
			location.begin = found ? location.begin : *s.offset;
			location.end = *s.offset + static_cast<std::uint64_t>(s.length);
			found = true;
		}
	}
	return location;
}

} // namespace rawswarm
