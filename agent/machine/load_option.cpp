// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/load_option.hpp"

#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

constexpr std::uint32_t active = 1; // LOAD_OPTION_ACTIVE
constexpr std::size_t before_label = 6; // the attributes, and the length of the device path

// Nodes of a device path.
constexpr char media_type = 4;
constexpr char hard_drive = 1;
constexpr char file_path = 4;
constexpr char end_type = 0x7f;
constexpr char end_of_all = char(0xff);

constexpr std::size_t signature_size = 16;

void put(std::string& out, std::uint64_t number, std::size_t const bytes)
{
	for (std::size_t i = 0; i < bytes; ++i)
	{
		out += static_cast<char>(number & 0xff);
		number >>= 8;
	}
}

// With the zero at its end.
std::string ucs2(std::string_view ascii)
{
	std::string wide;
	for (char const c : ascii)
	{
		put(wide, static_cast<unsigned char>(c), 2);
	}
	put(wide, 0, 2);
	return wide;
}

std::string node(char const type, char const subtype, std::string_view content)
{
	constexpr std::size_t header = 4;
	std::string bytes{type, subtype};
	put(bytes, header + content.size(), 2);
	bytes += content;
	return bytes;
}

// The first three groups of a GUID are numbers, least significant byte first.
std::string guid_bytes(std::string digits)
{
	std::erase(digits, '-');
	auto bytes = from_hex(digits).value_or(std::string());
	bytes.resize(signature_size);
	std::reverse(bytes.begin(), bytes.begin() + 4);
	std::reverse(bytes.begin() + 4, bytes.begin() + 6);
	std::reverse(bytes.begin() + 6, bytes.begin() + 8);
	return bytes;
}

std::string mbr_signature(std::string_view const id)
{
	std::string bytes;
	put(bytes, parse_number<std::uint32_t>(without_hex_prefix(id), 16).value_or(0), signature_size);
	return bytes;
}

std::string drive_node(
	partition_table const& table, table_partition const& partition, std::uint64_t const sector_size)
{
	bool const is_gpt = table.kind == "gpt";
	std::string content;
	put(content, static_cast<std::uint64_t>(partition.number), 4);
	put(content, partition.offset / sector_size, 8);
	put(content, partition.length / sector_size, 8);
	content += is_gpt ? guid_bytes(partition.uuid) : mbr_signature(table.id);
	char const kind = is_gpt ? 2 : 1; // of the table, and of the signature
	content += {kind, kind};
	return node(media_type, hard_drive, content);
}

} // namespace

std::string make_load_option(std::string_view const label, partition_table const& table,
	table_partition const& partition, std::uint64_t const sector_size, std::string_view const loader)
{
	auto const path = drive_node(table, partition, sector_size) + node(media_type, file_path, ucs2(loader))
		+ node(end_type, end_of_all, {});
	std::string option;
	put(option, active, 4);
	put(option, path.size(), 2);
	return option + ucs2(label) + path;
}

bool has_label(std::string_view const option, std::string_view const label)
{
	return option.size() > before_label && option.substr(before_label).starts_with(ucs2(label));
}

} // namespace rawswarm
