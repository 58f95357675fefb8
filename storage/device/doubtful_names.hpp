// SPDX-License-Identifier: BSD-3-Clause
// Names of files that can be read as offsets and are more likely none: dates, as in photos/20240131. Pure.
#pragma once

#include <libtorrent/fwd.hpp>

#include <optional>
#include <string>

namespace rawswarm
{

// The first name, made printable, that has no prefix 0x and would be an offset inside a sector, where no
// disk's image has an extent.
std::optional<std::string> find_doubtful_name(lt::file_storage const& files);

} // namespace rawswarm
