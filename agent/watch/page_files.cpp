// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/page_files.hpp"

#include "agent/watch/packed_page.hpp"

#include <memory>
#include <string>

#include <zstd.h>

namespace rawswarm
{

page_files::page_files()
{
	std::size_t size = 0;
	for (auto const& file : packed_page_names())
	{
		size += file.size;
	}
	std::string content(size, '\0');
	auto const packed = packed_page();
	// The build made both, so that it cannot fail; without the content no file would be found.
	if (ZSTD_decompress(content.data(), size, packed.data(), packed.size()) != size)
	{
		return;
	}
	std::string_view rest = content;
	for (auto const& file : packed_page_names())
	{
		m_files.push_back({file.name, std::make_shared<std::string const>(rest.substr(0, file.size))});
		rest.remove_prefix(file.size);
	}
}

page_file const* page_files::find(std::string_view const name) const
{
	for (auto const& file : m_files)
	{
		if (file.name == name)
		{
			return &file;
		}
	}
	return nullptr;
}

} // namespace rawswarm
