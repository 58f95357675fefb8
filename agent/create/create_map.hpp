// SPDX-License-Identifier: BSD-3-Clause
// Which parts of its source `rawswarm create` takes, as --map and --skip-zeros say.
//
// Blocking; reads the source's tables and maps, or the file that has the map.
#pragma once

#include "agent/create/create_options.hpp"
#include "agent/create/create_source.hpp"
#include "agent/source_map/source_map.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// "auto", "partclone:FILE" or "bmap:FILE". fault::usage: "--map: ...".
result<map_choice> parse_map(std::string_view text);

// Of a source that is no folder. Without a map, all of it: one area.
result<source_map> find_source_map(create_options const& options, create_source const& source);

// The areas, of which neighbours become one, whose gaps are zeros: those from which zeros are left out.
std::vector<byte_range> zero_ranges_of(std::vector<source_area> const& areas);

} // namespace rawswarm
