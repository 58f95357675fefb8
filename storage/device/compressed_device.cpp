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

// The frames that are read from the file at once: a megabyte of blocks.
constexpr std::uint64_t frames_at_once = 64;

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

result<std::unique_ptr<compressed_device>> compressed_device::open(
	std::string const& path, extent_map const& extents, std::uint64_t const payload)
{
	BOOST_OUTCOME_TRY(file, file_device::open(path, device_access::read_only));
	auto table = read_table(*file);
	if (!table)
	{
		return fail(table.error().kind, "opening {}: {}", path, table.error().text);
	}
	if (table.value().payload() != payload)
	{
		return fail(fault::target, "opening {}: it holds {} bytes, the torrent {}", path,
			table.value().payload(), payload);
	}
	return std::unique_ptr<compressed_device>(
		new compressed_device(std::move(file), std::move(table.value()), extents));
}

compressed_device::compressed_device(std::unique_ptr<file_device> file, seek_table table, extent_map extents)
	: m_file(std::move(file))
	, m_table(std::move(table))
	, m_extents(std::move(extents))
	, m_readers([] { return std::make_unique<frame_reader>(); })
{}

// The part of the range that lies in one extent.
result<compressed_device::payload_range> compressed_device::find(
	device_offset const offset, std::uint64_t const length) const
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

// Reads the frames of many blocks at once, as they are neighbours in the file too.
result<void> compressed_device::unpack(source const from, payload_range const range, std::span<char> to)
{
	auto block = range.begin / block_size;
	auto const end = (range.begin + range.length + block_size - 1) / block_size;
	auto skip = range.begin % block_size;
	std::vector<char> frames;
	while (block < end)
	{
		auto const last = std::min(end, block + frames_at_once) - 1;
		auto const begin = m_table.place(block).offset;
		frames.resize(m_table.place(last).offset + m_table.place(last).length - begin);
		BOOST_OUTCOME_TRYV(from == source::medium ? m_file->read_medium({begin}, frames)
												  : read_file(*m_file, begin, frames));
		for (; block <= last; ++block)
		{
			auto const place = m_table.place(block);
			auto const part = to.first(std::min<std::uint64_t>(to.size(), place.block_length - skip));
			BOOST_OUTCOME_TRYV(
				unpack_block(std::span<char const>(frames).subspan(place.offset - begin, place.length), block,
					skip, part));
			to = to.subspan(part.size());
			skip = 0;
		}
	}
	return success();
}

// A whole block goes straight to where it is wanted.
result<void> compressed_device::unpack_block(std::span<char const> const frame, std::uint64_t const block,
	std::uint64_t const skip, std::span<char> const to)
{
	auto const place = m_table.place(block);
	std::vector<char> around;
	auto whole = to;
	if (to.size() != place.block_length)
	{
		around.resize(place.block_length);
		whole = around;
	}
	auto const unpacked = m_readers.take()->unpack(frame, whole);
	if (!unpacked)
	{
		return fail(fault::device, "reading {} at {:#x}: {}", path(), place.offset, unpacked.error().text);
	}
	if (!around.empty())
	{
		std::ranges::copy(std::span(around).subspan(skip, to.size()), to.begin());
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

result<void> compressed_device::write(device_offset const offset, std::span<iovec const>)
{
	return fail(fault::device, "writing {} at {:#x}: a compressed image is only read", path(), offset.bytes);
}

result<void> compressed_device::zero(device_offset const offset, std::uint64_t)
{
	return fail(fault::device, "writing {} at {:#x}: a compressed image is only read", path(), offset.bytes);
}

} // namespace rawswarm
