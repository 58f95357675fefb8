// SPDX-License-Identifier: BSD-3-Clause
// Writes a file so that it is on the medium whole, or not at all.
//
// The file is written under another name in the same folder, synced and renamed; an existing file is
// replaced. On failure nothing is left behind. Errors are fault::target.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rawswarm
{

// Checks what can be checked before there is anything to write: the folder exists and is writable, and `path`
// is a regular file or does not exist yet.
result<void> check_writable(std::string const& path);

result<void> write_atomically(std::string const& path, std::string_view bytes);

} // namespace rawswarm
