// SPDX-License-Identifier: BSD-3-Clause
// Reads a .torrent into libtorrent's own form, and nothing of it that the program does not use.
#pragma once

#include "base/result.hpp"

#include <libtorrent/fwd.hpp>

#include <memory>
#include <string_view>

namespace rawswarm
{

inline constexpr int max_torrent_bytes = 128 * 1024 * 1024;

// name: where it came from, for messages. All errors are fault::refused.
//
// A hybrid torrent (BEP 52) is loaded by its v1 half: libtorrent then knows of no v2 hashes, speaks v1
// with every peer, and cannot be led into its handling of hash trees. A v2-only torrent is refused.
// Large disks need large torrents: the limits are those of a 64 TiB disk in 16 MiB pieces or a
// million extents, and memory stays within a small multiple of the file's size.
result<std::shared_ptr<lt::torrent_info const>> load_torrent(std::string_view bytes, std::string_view name);

} // namespace rawswarm
