// SPDX-License-Identifier: BSD-3-Clause
// Writes a file so that it is there whole, on the medium, or not at all.
//
// It is written beside its place under another name, synced and renamed; a file that was there is
// replaced. On failure nothing is left behind. Errors are fault::target.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace rawswarm
{

// What can be known before there is anything to write: the folder is there and writable, and `path` is
// a regular file or nothing yet.
result<void> check_writable(std::string const& path);

result<void> write_atomically(std::string const& path, std::string_view bytes);

} // namespace rawswarm
