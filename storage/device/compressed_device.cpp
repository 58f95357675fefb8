// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/compressed_device.hpp"

#include "storage/device/units.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

result<void> read_file(file_device& file, std::uint64_t const offset, std::span<char> const buffer)
{
	iovec const whole{buffer.data(), buffer.size()};
	return file.read({offset}, {&whole, 1});
}

result<seek_table> read_table(file_device& file)
{
	std::array<char, seek_table_footer_size> footer{};
	auto const size = file.size();
	if (size < footer.size())
	{
		return fail(fault::target, "its seek table is damaged");
	}
	BOOST_OUTCOME_TRYV(read_file(file, size - footer.size(), footer));
	auto const length = seek_table_length(footer);
	if (!length || *length > size)
	{
		return fail(fault::target, "its seek table is damaged");
	}
	std::vector<char> bytes(*length);
	BOOST_OUTCOME_TRYV(read_file(file, size - *length, bytes));
	return seek_table::parse(bytes, size - *length);
}

result<seek_table> table_of(file_device& file)
{
	auto table = read_table(file);
	if (!table)
	{
		return fail(table.error().kind, "opening {}: {}", file.path(), table.error().text);
	}
	return table;
}

} // namespace

result<compressed_device::content> compressed_device::examine(std::string const& path)
{
	std::error_code ignored; // what cannot be examined is refused by whoever opens it
	if (!std::filesystem::is_regular_file(path, ignored))
	{
		return content::raw;
	}
	BOOST_OUTCOME_TRY(file, file_device::open(path, device_access::read_only));
	std::array<char, sizeof(std::uint32_t)> start{};
	std::array<char, seek_table_footer_size> footer{};
	if (file->size() < start.size() + footer.size())
	{
		return content::raw;
	}
	BOOST_OUTCOME_TRYV(read_file(*file, 0, start));
	BOOST_OUTCOME_TRYV(read_file(*file, file->size() - footer.size(), footer));
	if (!begins_with_frame(start))
	{
		return content::raw;
	}
	return seek_table_length(footer) ? content::seekable : content::frames;
}

result<std::uint64_t> compressed_device::payload_of(std::string const& path)
{
	BOOST_OUTCOME_TRY(file, file_device::open(path, device_access::read_only));
	BOOST_OUTCOME_TRY(table, table_of(*file));
	return table.payload();
}

result<std::unique_ptr<compressed_device>> compressed_device::open(
	std::string const& path, extent_map const& extents, std::uint64_t const payload)
{
	BOOST_OUTCOME_TRY(file, file_device::open(path, device_access::read_only));
	BOOST_OUTCOME_TRY(table, table_of(*file));
	if (table.payload() != payload)
	{
		return fail(
			fault::target, "opening {}: it holds {} bytes, the torrent {}", path, table.payload(), payload);
	}
	return std::unique_ptr<compressed_device>(
		new compressed_device(std::move(file), std::move(table), extents));
}

compressed_device::compressed_device(std::unique_ptr<file_device> file, seek_table table, extent_map extents)
	: m_file(std::move(file))
	, m_table(std::move(table))
	, m_extents(std::move(extents))
	, m_readers([] { return std::make_unique<frame_reader>(); })
{}

// The part of the range that lies in one extent.
result<payload_range> compressed_device::find(device_offset const offset, std::uint64_t const length) const
{
	auto const all = m_extents.extents();
	auto const next = std::ranges::upper_bound(all, offset, {}, &extent::offset);
	if (next == all.begin() || std::prev(next)->offset + std::prev(next)->length <= offset)
	{
		return fail(fault::device, "reading {} at {:#x}: the image has no such place", path(), offset.bytes);
	}
	auto const& found = *std::prev(next);
	auto const into = offset - found.offset;
	return payload_range{found.torrent_offset + into, std::min(length, found.length - into)};
}

result<void> compressed_device::read(device_offset offset, std::span<iovec const> const buffers)
{
	for (auto const& buffer : buffers)
	{
		BOOST_OUTCOME_TRYV(
			read(source::cache, offset, {static_cast<char*>(buffer.iov_base), buffer.iov_len}));
		offset = offset + buffer.iov_len;
	}
	return success();
}

result<void> compressed_device::read_medium(device_offset const offset, std::span<char> const buffer)
{
	return read(source::medium, offset, buffer);
}

result<void> compressed_device::read(source const from, device_offset offset, std::span<char> buffer)
{
	while (!buffer.empty())
	{
		BOOST_OUTCOME_TRY(range, find(offset, buffer.size()));
		BOOST_OUTCOME_TRYV(unpack(from, range, buffer.first(range.length)));
		offset = offset + range.length;
		buffer = buffer.subspan(range.length);
	}
	return success();
}

result<void> compressed_device::unpack(source const from, payload_range const range, std::span<char> const to)
{
	std::vector<char> frames;
	for (auto const& run : frame_runs(m_table, range))
	{
		frames.resize(run.length);
		BOOST_OUTCOME_TRYV(from == source::medium ? m_file->read_medium({run.offset}, frames)
												  : read_file(*m_file, run.offset, frames));
		auto const unpacked = unpack_run(*m_readers.take(), m_table, run, frames,
			to.subspan(run.wanted.begin - range.begin, run.wanted.length));
		if (!unpacked)
		{
			return fail(fault::device, "reading {} {}", path(), unpacked.error().text);
		}
	}
	return success();
}

result<std::size_t> compressed_device::read_frame(std::uint64_t const block, std::span<char> const buffer)
{
	if (block >= m_table.frames())
	{
		return std::size_t(0);
	}
	auto const place = m_table.place(block);
	if (place.length >= place.block_length || place.length > buffer.size())
	{
		return std::size_t(0);
	}
	auto const frame = buffer.first(place.length);
	BOOST_OUTCOME_TRYV(read_file(*m_file, place.offset, frame));
	// A frame that is damaged inside is found by whoever unpacks it: here, before the piece is first sent.
	return check_frame(frame, place.block_length) ? frame.size() : std::size_t(0);
}

result<void> compressed_device::read_frames(
	std::uint64_t const first_block, std::uint64_t const blocks, std::vector<char>& frames)
{
	if (blocks == 0 || first_block + blocks > m_table.frames())
	{
		return fail(fault::device, "reading {}: it has no blocks behind {}", path(), m_table.frames());
	}
	auto const first = m_table.place(first_block);
	auto const last = m_table.place(first_block + blocks - 1);
	frames.resize(last.offset + last.length - first.offset);
	return read_file(*m_file, first.offset, frames);
}

result<void> compressed_device::write(device_offset const offset, std::span<iovec const>)
{
	return fail(fault::device, "writing {} at {:#x}: a compressed image is only read", path(), offset.bytes);
}

result<void> compressed_device::zero(device_offset const offset, std::uint64_t)
{
	return fail(fault::device, "writing {} at {:#x}: a compressed image is only read", path(), offset.bytes);
}

} // namespace rawswarm
