// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_layout.hpp"

#include "base/percent_encoded.hpp"
#include "storage/device/extent_map.hpp"

#include <boost/assert.hpp>
#include <libtorrent/file_storage.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace rawswarm
{

namespace
{

// A torrent of one file has no folder: its name is the file's.
std::string path_below_name(lt::torrent_info const& torrent, lt::file_index_t const file)
{
	auto const path = torrent.files().file_path(file);
	auto const folder = torrent.files().name() + '/';
	return path.starts_with(folder) ? path.substr(folder.size()) : path;
}

bool continues(web_range const& before, web_range const& next)
{
	return before.target == next.target && before.begin + before.length == next.begin
		&& before.offset + before.length == next.offset;
}

} // namespace

void shorten_first(std::vector<web_range>& ranges, std::uint64_t const length)
{
	if (ranges.empty() || ranges.front().length <= length)
	{
		return;
	}
	auto rest = ranges.front();
	ranges.front().length = length;
	rest.begin += length;
	rest.offset += length;
	rest.length -= length;
	ranges.insert(std::next(ranges.begin()), std::move(rest));
}

web_seed_layout::web_seed_layout(
	url const& from, std::shared_ptr<lt::torrent_info const> torrent, std::uint64_t const image_size)
	: m_torrent(std::move(torrent))
	, m_path(from.target.substr(0, from.target.find('?')))
	, m_query(from.target.substr(m_path.size()))
	, m_image_size(image_size)
	, m_is_folder(m_path.ends_with('/'))
{}

std::string web_seed_layout::target_of(lt::file_index_t const file) const
{
	return m_is_folder ? m_path + percent_encoded(path_below_name(*m_torrent, file), "/") + m_query
					   : m_path + m_query;
}

std::vector<web_range> web_seed_layout::ranges(lt::piece_index_t const piece) const
{
	auto const& files = m_torrent->files();
	std::vector<web_range> found;
	std::uint64_t offset = 0;
	for (auto const& part : files.map_block(piece, 0, m_torrent->piece_size(piece)))
	{
		auto const length = static_cast<std::uint64_t>(part.size);
		if (!files.pad_file_at(part.file_index) && length > 0)
		{
			auto const name = files.file_name(part.file_index);
			auto const extent = parse_offset({name.data(), name.size()});
			BOOST_ASSERT(extent);
			auto const begin = static_cast<std::uint64_t>(part.offset);
			auto const size = static_cast<std::uint64_t>(files.file_size(part.file_index));
			web_range next{target_of(part.file_index), m_is_folder ? begin : extent->bytes + begin, length,
				offset, m_is_folder ? size : m_image_size, m_is_folder};
			if (!found.empty() && continues(found.back(), next))
			{
				found.back().length += length;
			}
			else
			{
				found.push_back(std::move(next));
			}
		}
		offset += length;
	}
	return found;
}

} // namespace rawswarm
