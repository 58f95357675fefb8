// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/target_io.hpp"

#include "storage/device/exact_io.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <cerrno>
#include <cstring>

namespace rawswarm
{

lt::storage_error to_storage_error(error const& e, lt::operation_t const operation)
{
	// an error without a system code must not look like success to libtorrent
	int const value = e.ec ? e.ec.value() : EIO;
	return {lt::error_code(value, boost::system::generic_category()), lt::file_index_t{0}, operation};
}

lt::storage_error aborted(lt::operation_t const operation)
{
	return {lt::error_code(boost::asio::error::operation_aborted), lt::file_index_t{0}, operation};
}

namespace
{

void fill_with_zeros(std::span<iovec const> const buffers)
{
	for (auto const& b : buffers)
	{
		std::memset(b.iov_base, 0, b.iov_len);
	}
}

} // namespace

result<void> read_range(storage_target& target, lt::piece_index_t const piece, int const offset,
	std::span<iovec const> const buffers)
{
	storage_target::reading const turn(target);
	auto const parts = target.extents().map(piece, offset, static_cast<int>(total_length(buffers)));
	if (parts.size() == 1 && parts[0].offset)
	{
		return target.device().read(*parts[0].offset, buffers);
	}
	std::uint64_t done = 0;
	for (auto const& s : parts)
	{
		auto const part = slice(buffers, done, static_cast<std::uint64_t>(s.length));
		done += static_cast<std::uint64_t>(s.length);
		if (s.offset)
		{
			BOOST_OUTCOME_TRYV(target.device().read(*s.offset, part));
		}
		else
		{
			fill_with_zeros(part);
		}
	}
	return success();
}

result<void> read_range(
	storage_target& target, lt::piece_index_t const piece, int const offset, std::span<char> const bytes)
{
	iovec const buffer{bytes.data(), bytes.size()};
	return read_range(target, piece, offset, std::span(&buffer, 1));
}

namespace
{

std::vector<dirty_range> device_ranges(storage_target& target, std::span<pending_block> const blocks)
{
	std::vector<dirty_range> ranges;
	ranges.reserve(blocks.size());
	std::uint32_t number = 0;
	for (auto const& b : blocks)
	{
		auto const* data = b.buffer;
		for (auto const& s : target.extents().map(b.key.piece, b.block.value * block_size, b.length))
		{
			if (s.offset)
			{
				ranges.push_back({*s.offset, data, static_cast<std::uint32_t>(s.length), number});
			}
			data += s.length;
		}
		++number;
	}
	return ranges;
}

} // namespace

void write_blocks(storage_target& target, std::span<pending_block> const blocks,
	coalesce_settings const& settings, disk_stats& stats)
{
	auto ranges = device_ranges(target, blocks);
	for (auto const& run : build_runs(ranges, settings))
	{
		if (!target.failed())
		{
			bool const goes_on = target.goes_on_at(run.offset, total_length(run.buffers));
			auto const r = target.device().write(run.offset, run.buffers);
			if (r)
			{
				stats.write_calls.fetch_add(1, std::memory_order_relaxed);
				stats.sequential_writes.fetch_add(goes_on ? 1 : 0, std::memory_order_relaxed);
				continue;
			}
			target.fail(r.error());
		}
		auto const e = target.first_error();
		for (auto const i : run.blocks)
		{
			blocks[i].error = to_storage_error(*e, lt::operation_t::file_write);
		}
	}
	std::vector<block_ref> written;
	written.reserve(blocks.size());
	for (auto const& b : blocks)
	{
		if (!b.error)
		{
			written.push_back({b.key.piece, b.block});
		}
	}
	stats.blocks_written.fetch_add(static_cast<std::int64_t>(written.size()), std::memory_order_relaxed);
	target.blocks_written(written);
}

} // namespace rawswarm
