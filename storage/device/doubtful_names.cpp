// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/doubtful_names.hpp"

#include "base/clean_text.hpp"
#include "base/parse_number.hpp"
#include "storage/device/extent_map.hpp"

#include <libtorrent/file_storage.hpp>

#include <cstdint>
#include <string_view>

namespace rawswarm
{

std::optional<std::string> find_doubtful_name(lt::file_storage const& files)
{
	constexpr std::uint64_t smallest_sector = 512;
	for (auto const file : files.file_range())
	{
		auto const stored_name = files.file_name(file);
		std::string_view const name(stored_name.data(), stored_name.size());
		bool const has_prefix = without_hex_prefix(name).size() != name.size();
		auto const offset = files.pad_file_at(file) ? std::nullopt : parse_offset(name);
		if (offset && offset->bytes % smallest_sector != 0 && !has_prefix)
		{
			return printable(name);
		}
	}
	return {};
}

} // namespace rawswarm
