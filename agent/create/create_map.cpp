// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create_map.hpp"

#include "agent/source_map/map_disk.hpp"
#include "agent/source_map/map_files.hpp"
#include "base/bytes.hpp"
#include "base/clean_text.hpp"
#include "base/read_file.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

// A bmap of a disk whose every second block is in use has 60 bytes a range.
constexpr std::size_t largest_map = 256_MiB;
constexpr std::size_t largest_bmap = 32_MiB; // its tree takes twenty times as much

result<map_file> read_map(map_choice const& choice)
{
	if (choice.from == map_source::bmap)
	{
		BOOST_OUTCOME_TRY(text, read_file(choice.file, largest_bmap));
		return parse_bmap(text, choice.file);
	}
	BOOST_OUTCOME_TRY(text, read_file(choice.file, largest_map));
	return parse_torrent_info(text, choice.file);
}

// A bmap is of one image, and a map of partclone of a file system, which may be smaller than its partition.
result<source_map> map_of_file(create_options const& options, create_source const& source)
{
	BOOST_OUTCOME_TRY(map, read_map(options.map));
	bool const fits = options.map.from == map_source::bmap && source.is_file ? map.size == source.size
																			 : map.size <= source.size;
	if (!fits)
	{
		return fail(fault::target, "reading {}: it has {} bytes, and {} is about {}", options.source,
			source.size, options.map.file, map.size);
	}
	source_part part{"the whole source", {}, options.map.file, source.size, {{0}, source.size}};
	return source_map{std::move(map.areas), {std::move(part)}};
}

} // namespace

result<map_choice> parse_map(std::string_view const text)
{
	constexpr std::string_view partclone = "partclone:";
	constexpr std::string_view bmap = "bmap:";
	if (text == "auto")
	{
		return map_choice{map_source::file_systems, {}};
	}
	if (text.starts_with(partclone) && text.size() > partclone.size())
	{
		return map_choice{map_source::partclone, std::string(text.substr(partclone.size()))};
	}
	if (text.starts_with(bmap) && text.size() > bmap.size())
	{
		return map_choice{map_source::bmap, std::string(text.substr(bmap.size()))};
	}
	return fail(fault::usage, "--map: \"{}\" is none of auto, partclone:FILE and bmap:FILE", printable(text));
}

result<source_map> find_source_map(create_options const& options, create_source const& source)
{
	switch (options.map.from)
	{
	case map_source::none: break;
	case map_source::file_systems: return map_disk({options.source, source.size, options.allow_unclean});
	case map_source::partclone:
	case map_source::bmap: return map_of_file(options, source);
	}
	auto const take = options.skip_zeros ? area_content::data : area_content::all;
	return source_map{{{{{0}, source.size}, take}}, {}};
}

std::vector<byte_range> zero_ranges_of(std::vector<source_area> const& areas)
{
	std::vector<byte_range> ranges;
	for (auto const& area : areas)
	{
		if (area.take != area_content::data)
		{
			continue;
		}
		if (!ranges.empty() && ranges.back().end() == area.range.offset)
		{
			ranges.back().length += area.range.length;
		}
		else
		{
			ranges.push_back(area.range);
		}
	}
	return ranges;
}

} // namespace rawswarm
