// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/extent_map.hpp"

#include "base/clean_text.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <boost/assert.hpp>
#include <libtorrent/file_storage.hpp>

#include <algorithm>
#include <string>

namespace rawswarm
{

namespace
{

bool is_hexadecimal(std::string_view digits)
{
	return !digits.empty() && std::ranges::all_of(digits, is_hex_digit);
}

error refused_file(std::string_view name, std::string_view reason)
{
	return fail(fault::refused, "reading the torrent: file \"{}\" {}", printable(name), reason);
}

// Whether the torrent is one file and no folder: an image under any name, which may well be of hexadecimal
// digits alone, as a date is. Programs that name files by offset make folders.
bool is_lone_file(lt::file_storage const& files)
{
	return files.num_files() == 1 && files.file_path(lt::file_index_t(0)).find('/') == std::string::npos;
}

bool has_hex_prefix(std::string_view name)
{
	return without_hex_prefix(name).size() != name.size();
}

error refused_name(std::string_view name)
{
	return refused_file(name,
		is_hexadecimal(without_hex_prefix(name)) ? "is an offset past the end of any device"
												 : "is no byte offset in hexadecimal");
}

// Where the file lies on the device. A pad file has no place.
result<std::optional<device_offset>> place_of(lt::file_storage const& files, lt::file_index_t file)
{
	if (files.pad_file_at(file))
	{
		return std::optional<device_offset>();
	}
	auto const stored_name = files.file_name(file);
	std::string_view const name(stored_name.data(), stored_name.size());
	if (files.file_flags(file) & lt::file_storage::flag_symlink)
	{
		return refused_file(name, "is a symbolic link");
	}
	if (is_lone_file(files) && !has_hex_prefix(name))
	{
		return refused_file(name,
			"is all of it: a plain file, which says nothing of a place on a device. Only a name that begins "
			"with "
			"0x is an offset there");
	}
	auto const offset = parse_offset(name);
	if (!offset)
	{
		return refused_name(name);
	}
	if (static_cast<std::uint64_t>(files.file_size(file)) > max_device_end - offset->bytes)
	{
		return refused_file(name, "ends past the end of any device");
	}
	return offset;
}

result<void> check_overlaps(std::span<extent const> by_device)
{
	auto const overlap = find_overlap(by_device);
	if (overlap == by_device.end())
	{
		return success();
	}
	return fail(fault::refused, "reading the torrent: extents {:#x} (length {:#x}) and {:#x} overlap",
		overlap->offset.bytes, overlap->length, std::next(overlap)->offset.bytes);
}

} // namespace

std::optional<device_offset> parse_offset(std::string_view file_name)
{
	auto const offset = parse_number<std::uint64_t>(without_hex_prefix(file_name), 16);
	if (!offset || *offset > max_device_end)
	{
		return {};
	}
	return device_offset{*offset};
}

result<extent_map> extent_map::build(lt::file_storage const& files)
{
	if (!files.is_valid())
	{
		return fail(fault::refused, "reading the torrent: it has no piece length");
	}
	extent_map map;
	map.m_piece_length = files.piece_length();
	map.m_torrent_size = static_cast<std::uint64_t>(files.total_size());
	map.m_by_torrent.reserve(static_cast<std::size_t>(files.num_files()));
	map.m_by_device.reserve(static_cast<std::size_t>(files.num_files()));
	for (auto const file : files.file_range())
	{
		BOOST_OUTCOME_TRY(offset, place_of(files, file));
		auto const length = static_cast<std::uint64_t>(files.file_size(file));
		if (length == 0)
		{
			continue;
		}
		auto const begin = static_cast<std::uint64_t>(files.file_offset(file));
		map.m_by_torrent.push_back({begin, offset});
		if (offset)
		{
			map.m_by_device.push_back({*offset, length, begin, file});
			map.m_total += length;
		}
	}
	std::ranges::sort(map.m_by_device, {}, &extent::offset);
	BOOST_OUTCOME_TRYV(check_overlaps(map.m_by_device));
	return map;
}

segments extent_map::map(lt::piece_index_t piece, int offset, int length) const
{
	auto at = static_cast<std::uint64_t>(static_cast<int>(piece)) * static_cast<std::uint64_t>(m_piece_length)
		+ static_cast<std::uint64_t>(offset);
	auto rest = static_cast<std::uint64_t>(length);
	BOOST_ASSERT(offset >= 0 && length >= 0 && at + rest <= m_torrent_size);

	segments found;
	auto next = std::ranges::upper_bound(m_by_torrent, at, {}, &torrent_range::begin);
	while (rest > 0 && at < m_torrent_size)
	{
		auto const& range = *std::prev(next);
		auto const end = next == m_by_torrent.end() ? m_torrent_size : next->begin;
		auto const part = std::min(rest, end - at);
		auto const place = range.offset ? std::optional(*range.offset + (at - range.begin)) : std::nullopt;
		found.push_back({place, static_cast<int>(part)});
		at += part;
		rest -= part;
		if (next != m_by_torrent.end())
		{
			++next;
		}
	}
	return found;
}

std::vector<byte_range> extent_map::without_extents(std::span<byte_range const> const ranges) const
{
	std::vector<byte_range> gaps;
	auto next = m_by_device.begin();
	for (auto const& range : ranges)
	{
		auto from = range.offset;
		while (next != m_by_device.end() && next->offset < range.end())
		{
			auto const end = next->offset + next->length;
			if (from < next->offset)
			{
				gaps.push_back({from, next->offset - from});
			}
			from = std::max(from, end);
			if (end > range.end())
			{
				break; // it reaches into the next range as well
			}
			++next;
		}
		if (from < range.end())
		{
			gaps.push_back({from, range.end() - from});
		}
	}
	return gaps;
}

device_offset extent_map::end() const
{
	return m_by_device.empty() ? device_offset{} : m_by_device.back().offset + m_by_device.back().length;
}

} // namespace rawswarm
