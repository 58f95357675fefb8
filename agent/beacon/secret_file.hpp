// SPDX-License-Identifier: BSD-3-Clause
// Files that hold a secret, which many machines share.
//
// The secret is the file's bytes, less a byte order mark before and one line end (LF or CR LF) behind them,
// so that every editor and every system writes the same.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rawswarm
{

// May be empty. fault::refused if it cannot be read or is larger than 4 KiB. what: the secret, in messages.
result<std::string> read_secret(std::string const& path, std::string_view what);

// Bytes. The key of a private room is no shorter: whoever takes part in a connection may try keys for as long
// as it likes.
inline constexpr std::size_t shortest_room_key = 16;

// The key of a private room. fault::refused as well if it is shorter than that.
result<std::string> read_room_key(std::string const& path);

} // namespace rawswarm
