// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/map_files.hpp"

#include "agent/source_map/range_list.hpp"
#include "base/clean_text.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <functional>
#include <optional>

namespace rawswarm
{

namespace
{

// Calls `read` with the words of each line that is neither empty nor a comment, until it returns false.
result<void> read_lines(std::string_view const text, std::string const& name,
	std::function<bool(std::vector<std::string_view> const&)> const& read)
{
	std::size_t number = 0;
	for (std::size_t at = 0; at < text.size();)
	{
		auto const end = std::min(text.find('\n', at), text.size());
		auto const line = trim(text.substr(at, end - at));
		at = end + 1;
		++number;
		if (!line.empty() && line.front() != '#' && !read(split_words(line)))
		{
			constexpr std::size_t shown = 80;
			return fail(fault::refused, "reading {}: line {} is not understood: \"{}\"", name, number,
				clean_text(line.substr(0, shown)));
		}
	}
	return success();
}

std::optional<std::uint64_t> parse_hex(std::string_view const text)
{
	auto const n = parse_number<std::uint64_t>(without_hex_prefix(text), 16);
	return n && *n <= max_device_end ? n : std::nullopt;
}

class range_reader
{
public:
	// False: not behind the range before, or past the end of any device.
	bool add(std::uint64_t const offset, std::uint64_t const length)
	{
		if (offset < m_end || length > max_device_end - offset)
		{
			return false;
		}
		m_end = offset + length;
		m_ranges.add({{offset}, length});
		return true;
	}

	std::vector<source_area> areas() const
	{
		std::vector<source_area> ret;
		for (auto const& range : m_ranges.ranges())
		{
			ret.push_back({range});
		}
		return ret;
	}

	std::uint64_t end() const { return m_end; }

private:
	range_list m_ranges;
	std::uint64_t m_end = 0;
};

result<map_file> finished(map_file map, std::string const& name)
{
	if (map.areas.empty())
	{
		return fail(fault::refused, "reading {}: it has no range in use", name);
	}
	if (map.areas.back().range.end().bytes > map.size)
	{
		return fail(fault::refused, "reading {}: a range ends at {}, behind the end of the device at {}",
			name, map.areas.back().range.end().bytes, map.size);
	}
	return map;
}

} // namespace

result<map_file> parse_domain_log(std::string_view const text, std::string const& name)
{
	range_reader used;
	std::uint64_t size = 0;
	bool has_position = false; // the first line is where ddrescue stands, and of another form
	BOOST_OUTCOME_TRYV(read_lines(text, name, [&](std::vector<std::string_view> const& words) {
		if (!has_position)
		{
			has_position = words.size() >= 2 && parse_hex(words[0]);
			return has_position;
		}
		if (words.size() != 3)
		{
			return false;
		}
		auto const offset = parse_hex(words[0]);
		auto const length = parse_hex(words[1]);
		if (!offset || !length || *offset != size || *length > max_device_end - *offset)
		{
			return false;
		}
		size = *offset + *length;
		return words[2] != "+" || used.add(*offset, *length);
	}));
	return finished({used.areas(), size}, name);
}

result<map_file> parse_torrent_info(std::string_view const text, std::string const& name)
{
	range_reader used;
	std::optional<std::uint64_t> block;
	std::optional<std::uint64_t> blocks;
	std::optional<std::uint64_t> offset;
	BOOST_OUTCOME_TRYV(read_lines(text, name, [&](std::vector<std::string_view> const& words) {
		if (words.size() != 2)
		{
			return false;
		}
		if (words[0] == "block_size:" || words[0] == "blocks_total:")
		{
			auto& number = words[0] == "block_size:" ? block : blocks;
			number = parse_number<std::uint64_t>(words[1]);
			return number.has_value();
		}
		if (words[0] == "offset:")
		{
			offset = parse_hex(words[1]);
			return offset.has_value();
		}
		if (words[0] == "length:")
		{
			auto const length = parse_hex(words[1]);
			return offset && length && used.add(*offset, *length);
		}
		return words[0] == "sha1:";
	}));
	if (!block || !blocks || *block == 0 || *blocks > max_device_end / *block)
	{
		return fail(fault::refused,
			"reading {}: no torrent.info of partclone: it does not say how large the device is", name);
	}
	return finished({used.areas(), *block * *blocks}, name);
}

} // namespace rawswarm
