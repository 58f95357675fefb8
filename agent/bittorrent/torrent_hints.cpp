// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_hints.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/torrent_info.hpp>

#include <bit>
#include <limits>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr char const* size_key = "size";
constexpr char const* gaps_key = "gaps";
constexpr char const* zero_value = "zero";
constexpr char const* sector_size_key = "sector_size";
constexpr char const* smallest_key = "smallest";
constexpr char const* ends_key = "gpt_ends";
constexpr int most_ranges = 65'536;
constexpr std::int64_t smallest_sector = 512;
constexpr std::int64_t largest_sector = 65536;

error not_gaps()
{
	return fail(fault::refused,
		"reading the torrent: info.rawswarm.gaps: neither \"{}\" nor ranges of the source, in order",
		zero_value);
}

result<std::vector<byte_range>> parse_gaps(lt::bdecode_node const& gaps, std::uint64_t const size)
{
	if (gaps.type() == lt::bdecode_node::string_t && gaps.string_value() == zero_value)
	{
		return std::vector<byte_range>{{{0}, size}};
	}
	if (gaps.type() != lt::bdecode_node::list_t || gaps.list_size() % 2 != 0
		|| gaps.list_size() > 2 * most_ranges)
	{
		return not_gaps();
	}
	std::vector<byte_range> ranges;
	std::uint64_t end = 0;
	for (int i = 0; i < gaps.list_size(); i += 2)
	{
		auto const offset = gaps.list_int_value_at(i, -1);
		auto const length = gaps.list_int_value_at(i + 1, -1);
		if (offset < 0 || length <= 0 || static_cast<std::uint64_t>(offset) < end
			|| static_cast<std::uint64_t>(offset) > size
			|| static_cast<std::uint64_t>(length) > size - static_cast<std::uint64_t>(offset))
		{
			return not_gaps();
		}
		ranges.push_back({{static_cast<std::uint64_t>(offset)}, static_cast<std::uint64_t>(length)});
		end = ranges.back().end().bytes;
	}
	return ranges;
}

result<std::uint64_t> parse_smallest(
	lt::bdecode_node const& smallest, std::optional<std::uint64_t> const source_size)
{
	auto const bytes = smallest.type() == lt::bdecode_node::int_t ? smallest.int_value() : 0;
	if (bytes <= 0 || !source_size || static_cast<std::uint64_t>(bytes) > *source_size)
	{
		return fail(fault::refused,
			"reading the torrent: info.rawswarm.smallest: not a number of bytes up to the size beside it");
	}
	return static_cast<std::uint64_t>(bytes);
}

result<gpt_ends> parse_ends(lt::bdecode_node const& ends)
{
	constexpr int numbers = 4;
	bool is_sound = ends.type() == lt::bdecode_node::list_t && ends.list_size() == numbers;
	for (int i = 0; is_sound && i < numbers; ++i)
	{
		is_sound = ends.list_int_value_at(i, -1) >= 0;
	}
	if (!is_sound)
	{
		return fail(fault::refused, "reading the torrent: info.rawswarm.gpt_ends: not {} numbers", numbers);
	}
	auto const number = [&ends](
							int const i) { return static_cast<std::uint64_t>(ends.list_int_value_at(i)); };
	return gpt_ends{number(0), number(1), number(2), number(3)};
}

result<torrent_hints> parse_hints(lt::bdecode_node const& dictionary)
{
	torrent_hints hints;
	if (auto const size = dictionary.dict_find(size_key))
	{
		if (size.type() != lt::bdecode_node::int_t || size.int_value() <= 0)
		{
			return fail(fault::refused, "reading the torrent: info.rawswarm.size: not a positive integer");
		}
		hints.source_size = static_cast<std::uint64_t>(size.int_value());
	}
	if (auto const gaps = dictionary.dict_find(gaps_key))
	{
		if (!hints.source_size)
		{
			return fail(fault::refused, "reading the torrent: info.rawswarm.gaps: there is no size with it");
		}
		BOOST_OUTCOME_TRY(ranges, parse_gaps(gaps, *hints.source_size));
		hints.zero_ranges = std::move(ranges);
	}
	if (auto const sector = dictionary.dict_find(sector_size_key))
	{
		auto const bytes = sector.type() == lt::bdecode_node::int_t ? sector.int_value() : 0;
		if (bytes < smallest_sector || bytes > largest_sector
			|| !std::has_single_bit(static_cast<std::uint64_t>(bytes)))
		{
			return fail(
				fault::refused, "reading the torrent: info.rawswarm.sector_size: no size of a sector");
		}
		hints.sector_size = static_cast<std::uint64_t>(bytes);
	}
	if (auto const smallest = dictionary.dict_find(smallest_key))
	{
		BOOST_OUTCOME_TRY(bytes, parse_smallest(smallest, hints.source_size));
		hints.smallest = bytes;
	}
	if (auto const ends = dictionary.dict_find(ends_key))
	{
		BOOST_OUTCOME_TRY(of_source, parse_ends(ends));
		hints.ends = of_source;
	}
	return hints;
}

} // namespace

lt::entry write_hints(torrent_hints const& hints)
{
	lt::entry dictionary(lt::entry::dictionary_t);
	dictionary[size_key] = static_cast<lt::entry::integer_type>(hints.source_size.value());
	if (hints.zero_ranges == std::vector<byte_range>{{{0}, *hints.source_size}})
	{
		dictionary[gaps_key] = zero_value;
	}
	else if (!hints.zero_ranges.empty())
	{
		lt::entry::list_type numbers;
		for (auto const& range : hints.zero_ranges)
		{
			numbers.emplace_back(static_cast<lt::entry::integer_type>(range.offset.bytes));
			numbers.emplace_back(static_cast<lt::entry::integer_type>(range.length));
		}
		dictionary[gaps_key] = std::move(numbers);
	}
	if (hints.sector_size)
	{
		dictionary[sector_size_key] = static_cast<lt::entry::integer_type>(*hints.sector_size);
	}
	if (hints.smallest)
	{
		dictionary[smallest_key] = static_cast<lt::entry::integer_type>(*hints.smallest);
	}
	if (hints.ends)
	{
		lt::entry::list_type numbers;
		for (auto const number :
			{hints.ends->guard, hints.ends->copy, hints.ends->last_usable, hints.ends->last_partition})
		{
			numbers.emplace_back(static_cast<lt::entry::integer_type>(number));
		}
		dictionary[ends_key] = std::move(numbers);
	}
	return dictionary;
}

result<torrent_hints> read_hints(lt::torrent_info const& torrent, extent_map const& extents)
{
	// Parsed once more, without limits: load_torrent() has applied them.
	constexpr int no_limit = std::numeric_limits<int>::max();
	constexpr int depth_limit = 100;
	auto const section = torrent.info_section();
	lt::error_code ec;
	auto const info = lt::bdecode(section, ec, nullptr, depth_limit, no_limit);
	if (ec)
	{
		return fail(fault::refused, ec, "reading the torrent: info");
	}
	auto const dictionary = info.dict_find(hints_key);
	if (!dictionary)
	{
		return torrent_hints{};
	}
	if (dictionary.type() != lt::bdecode_node::dict_t)
	{
		return fail(fault::refused, "reading the torrent: info.rawswarm: not a dictionary");
	}
	BOOST_OUTCOME_TRY(hints, parse_hints(dictionary));
	if (hints.source_size && *hints.source_size < extents.end().bytes)
	{
		return fail(fault::refused,
			"reading the torrent: info.rawswarm.size: {} bytes, but extents end at {}", *hints.source_size,
			extents.end().bytes);
	}
	return hints;
}

} // namespace rawswarm
