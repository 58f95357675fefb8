// SPDX-License-Identifier: BSD-3-Clause
// The checksum that a map has of an area of its source, held against the bytes that are read of it.
//
// One thread; the area must outlive it.
#pragma once

#include "agent/source_map/source_map.hpp"
#include "base/result.hpp"

#include <libtorrent/hasher.hpp>

#include <span>
#include <string>

namespace rawswarm
{

class area_checksum
{
public:
	// area: one with a checksum, SHA-1 or SHA-256 by its length.
	explicit area_checksum(source_area const& area);

	// All bytes of the area, in their order.
	void add(std::span<char const> bytes);

	// Called last. fault::verification if the map says another one. source: its path, for the message.
	result<void> check(std::string const& source);

private:
	source_area const& m_area;
	bool m_is_sha1;
	lt::hasher m_sha1;
	lt::hasher256 m_sha256;
};

} // namespace rawswarm
