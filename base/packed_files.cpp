// SPDX-License-Identifier: BSD-3-Clause
#include "base/packed_files.hpp"

#include <algorithm>

#include <zstd.h>

namespace rawswarm
{

unpacked_files::unpacked_files(packed_files const packed)
{
	std::size_t size = 0;
	for (auto const& file : packed.files)
	{
		size += file.size;
	}
	std::string content(size, '\0');
	// The build made both, so that it cannot fail; without the content no file would be found.
	if (ZSTD_decompress(content.data(), size, packed.frame.data(), packed.frame.size()) != size)
	{
		return;
	}
	m_files.reserve(packed.files.size());
	std::string_view rest = content;
	for (auto const& file : packed.files)
	{
		m_files.push_back({file.name, std::make_shared<std::string const>(rest.substr(0, file.size))});
		rest.remove_prefix(file.size);
	}
}

unpacked_file const* unpacked_files::find(std::string_view const name) const
{
	auto const found = std::ranges::find(m_files, name, &unpacked_file::name);
	return found == m_files.end() ? nullptr : &*found;
}

} // namespace rawswarm
