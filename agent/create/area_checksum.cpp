// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/area_checksum.hpp"

#include "base/text.hpp"

#include <libtorrent/sha1_hash.hpp>

#include <cstddef>

namespace rawswarm
{

area_checksum::area_checksum(source_area const& area)
	: m_area(area)
	, m_is_sha1(area.checksum.size() == 2 * static_cast<std::size_t>(lt::sha1_hash::size()))
{}

void area_checksum::add(std::span<char const> const bytes)
{
	lt::span<char const> const data(bytes.data(), static_cast<std::ptrdiff_t>(bytes.size()));
	if (m_is_sha1)
	{
		m_sha1.update(data);
	}
	else
	{
		m_sha256.update(data);
	}
}

result<void> area_checksum::check(std::string const& source)
{
	auto const sum = to_hex(m_is_sha1 ? m_sha1.final().to_string() : m_sha256.final().to_string());
	if (sum != m_area.checksum)
	{
		return fail(fault::verification,
			"reading {} at {:#x}: the checksum of {} bytes is {}, and the map says {}", source,
			m_area.range.offset.bytes, m_area.range.length, sum, m_area.checksum);
	}
	return success();
}

} // namespace rawswarm
