// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/map_files.hpp"
#include "base/clean_text.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <optional>
#include <sstream>

namespace rawswarm
{

namespace
{

namespace pt = boost::property_tree;

constexpr std::size_t sha1_digits = 40;
constexpr std::size_t sha256_digits = 64;

error refuse(std::string const& name, std::string_view const why)
{
	return fail(fault::refused, "reading {}: {}", name, why);
}

// Deeper than any bmap, and shallow enough for a parser that calls itself. Words in comments count as well.
bool is_deep(std::string_view const text)
{
	constexpr int most = 500;
	int depth = 0;
	int deepest = 0;
	for (std::size_t i = 0; i + 1 < text.size(); ++i)
	{
		if (text[i] == '<')
		{
			depth += text[i + 1] == '/' ? -1 : int(is_letter(text[i + 1]));
			deepest = std::max(deepest, depth);
		}
	}
	return deepest > most;
}

// Of the bmap with its own checksum as zeros.
result<void> check_own_checksum(
	std::string_view const text, std::string const& name, std::string const& digits)
{
	auto const at = text.find(digits);
	if (at == std::string_view::npos)
	{
		return refuse(name, "its own checksum is written in another way than any bmap's");
	}
	std::string blanked(text);
	blanked.replace(at, digits.size(), digits.size(), '0');
	auto const right = digits.size() == sha256_digits
		? to_hex(lt::hasher256(lt::span<char const>(blanked)).final().to_string())
		: to_hex(lt::hasher(lt::span<char const>(blanked)).final().to_string());
	if (!equal_ignoring_case(digits, right))
	{
		return fail(fault::refused, "reading {}: its checksum is {}, and it says {}", name, right, digits);
	}
	return success();
}

class bmap_reader
{
public:
	bmap_reader(std::string_view const text, std::string const& name)
		: m_text(text)
		, m_name(name)
	{}

	result<map_file> read()
	{
		if (is_deep(m_text))
		{
			return refuse(m_name, "no bmap: its elements lie deeper than those of any");
		}
		pt::ptree document;
		try
		{
			std::istringstream in{std::string(m_text)};
			pt::read_xml(in, document, pt::xml_parser::no_comments | pt::xml_parser::trim_whitespace);
		}
		catch (pt::xml_parser_error const& e)
		{
			return fail(fault::refused, "reading {}: line {}: {}", m_name, e.line(), e.message());
		}
		auto const root = document.get_child_optional("bmap");
		if (!root)
		{
			return refuse(m_name, "no bmap: there is no such element in it");
		}
		BOOST_OUTCOME_TRYV(read_head(*root));
		return read_ranges(*root);
	}

private:
	std::optional<std::uint64_t> number_in(pt::ptree const& root, char const* const key) const
	{
		auto const text = root.get_optional<std::string>(key);
		return text ? parse_number<std::uint64_t>(trim(*text)) : std::nullopt;
	}

	result<void> read_head(pt::ptree const& root)
	{
		auto const version = root.get<std::string>("<xmlattr>.version", "");
		if (version != "2.0" && !version.starts_with("1."))
		{
			return fail(fault::refused, "reading {}: a bmap of version \"{}\", of which nothing is known",
				m_name, clean_text(version));
		}
		auto const size = number_in(root, "ImageSize");
		auto const block = number_in(root, "BlockSize");
		if (!size || !block || *size == 0 || *block == 0 || *size > max_device_end || *block > max_device_end)
		{
			return refuse(m_name, "it does not say how large the image and its blocks are");
		}
		m_size = *size;
		m_block = *block;
		// before 1.4 there was SHA-1 alone, and no word for it
		m_type = trim(root.get<std::string>("ChecksumType", "sha1"));
		if (m_type != "sha1" && m_type != "sha256")
		{
			return fail(fault::refused, "reading {}: checksums of the kind \"{}\", of which nothing is known",
				m_name, clean_text(m_type));
		}
		m_digits = m_type == "sha1" ? sha1_digits : sha256_digits;
		auto const own =
			root.get_optional<std::string>(version.starts_with("1.3") ? "BmapFileSHA1" : "BmapFileChecksum");
		if (!own)
		{
			return refuse(m_name, "it has no checksum of its own");
		}
		std::string const digits(trim(*own));
		if (digits.size() != m_digits || !std::ranges::all_of(digits, is_hex_digit))
		{
			return refuse(m_name, "its own checksum is none");
		}
		return check_own_checksum(m_text, m_name, digits);
	}

	// "0-25", or "7" for one block.
	result<byte_range> parse_range(std::string_view const text) const
	{
		auto rest = trim(text);
		auto const first = take_number<std::uint64_t>(rest);
		auto last = first;
		if (first && rest.starts_with('-'))
		{
			rest.remove_prefix(1);
			last = take_number<std::uint64_t>(rest);
		}
		if (!first || !last || !rest.empty() || *last < *first || *last > (m_size - 1) / m_block)
		{
			return fail(fault::refused, "reading {}: \"{}\" is no range of blocks of the image", m_name,
				clean_text(text));
		}
		auto const begin = *first * m_block;
		return byte_range{{begin}, std::min(m_size, (*last + 1) * m_block) - begin};
	}

	result<map_file> read_ranges(pt::ptree const& root) const
	{
		map_file map;
		map.size = m_size;
		auto const blocks = root.get_child_optional("BlockMap");
		for (auto const& [key, child] : blocks ? *blocks : pt::ptree())
		{
			if (key != "Range")
			{
				continue;
			}
			BOOST_OUTCOME_TRY(range, parse_range(child.data()));
			if (!map.areas.empty() && range.offset < map.areas.back().range.end())
			{
				return refuse(m_name, "its ranges are not in order");
			}
			auto const sum =
				child.get<std::string>("<xmlattr>.chksum", child.get<std::string>("<xmlattr>.sha1", ""));
			if (!sum.empty() && (sum.size() != m_digits || !std::ranges::all_of(sum, is_hex_digit)))
			{
				return fail(fault::refused, "reading {}: \"{}\" is no checksum", m_name, clean_text(sum));
			}
			map.areas.push_back({range, area_content::all, lower_case(sum)});
		}
		if (map.areas.empty())
		{
			return refuse(m_name, "it has no range in use");
		}
		return map;
	}

	std::string_view m_text;
	std::string const& m_name;
	std::uint64_t m_size = 0; // of the image, in bytes
	std::uint64_t m_block = 0;
	std::string m_type;
	std::size_t m_digits = 0;
};

} // namespace

result<map_file> parse_bmap(std::string_view const text, std::string const& name)
{
	return bmap_reader(text, name).read();
}

} // namespace rawswarm
