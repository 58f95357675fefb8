#include "storage/target_io.hpp"

#include "storage/coalesce.hpp"

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

result<void> read_range(
	storage_target& target, lt::piece_index_t const piece, int const offset, std::span<char> bytes)
{
	for (auto const& s : target.extents().map(piece, offset, static_cast<int>(bytes.size())))
	{
		auto const part = bytes.first(static_cast<std::size_t>(s.length));
		bytes = bytes.subspan(part.size());
		if (!s.offset)
		{
			std::memset(part.data(), 0, part.size());
			continue;
		}
		iovec const buffer{part.data(), part.size()};
		BOOST_OUTCOME_TRYV(target.device().read(*s.offset, {&buffer, 1}));
	}
	return boost::outcome_v2::success();
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
		char* data = b.buffer;
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

void write_blocks(storage_target& target, std::span<pending_block> const blocks, disk_stats& stats)
{
	auto ranges = device_ranges(target, blocks);
	for (auto const& run : build_runs(ranges, coalesce_settings{}))
	{
		if (!target.failed())
		{
			if (auto r = target.device().write(run.offset, run.buffers); r)
			{
				stats.write_calls.fetch_add(1, std::memory_order_relaxed);
				continue;
			}
			else
			{
				target.fail(r.error());
			}
		}
		auto const e = target.first_error();
		for (auto const i : run.blocks)
		{
			blocks[i].error = to_storage_error(*e, lt::operation_t::file_write);
		}
	}
	for (auto const& b : blocks)
	{
		if (!b.error)
		{
			stats.blocks_written.fetch_add(1, std::memory_order_relaxed);
			target.block_written(b.key.piece, b.block);
		}
	}
}

} // namespace rawswarm
