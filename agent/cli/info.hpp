// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm info`: what a torrent or an image is, for a person who has just the file.
//
// Blocking; reads only. What a file is, its content says.
#pragma once

#include "base/result.hpp"

#include <string>

namespace rawswarm
{

// The text of the answer, or one line of JSON. fault::refused for a torrent that rawswarm does not take;
// fault::target for a file that cannot be opened or that is no disk's bytes.
result<std::string> info_of(std::string const& path, bool as_json);

} // namespace rawswarm
