// SPDX-License-Identifier: BSD-3-Clause
// A file read whole, within a bound: a job, a torrent, a key.
//
// Errors are fault::refused and name the file: "opening /etc/key: No such file or directory",
// "reading standard input: larger than 4096 bytes".
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rawswarm
{

// Everything up to the end of the file, or of a pipe or device. A regular file that is too large is refused
// before it is read. name: for the errors.
result<std::string> read_all(int fd, std::string_view name, std::size_t max_bytes);

// kind: a word for the file that errors put before its path, such as "the beacon key".
result<std::string> read_file(std::string const& path, std::size_t max_bytes, std::string_view kind = {});

} // namespace rawswarm
