// SPDX-License-Identifier: BSD-3-Clause
// Reads a .torrent into libtorrent's own form, without the parts that the program does not use. Pure; any
// thread.
#pragma once

#include "base/result.hpp"

#include <libtorrent/fwd.hpp>

#include <memory>
#include <string_view>

namespace rawswarm
{

inline constexpr int max_torrent_bytes = 128 * 1024 * 1024;

// name: where the bytes came from, for messages. All errors are fault::refused.
//
// A hybrid torrent (BEP 52) is loaded by its v1 half: libtorrent then knows of no v2 hashes, speaks v1 with
// every peer, and no peer can reach its handling of hash trees. A v2-only torrent is refused. Large disks
// need large torrents: the limits allow a 64 TiB disk in 16 MiB pieces, or a million extents. Memory stays
// within a small multiple of the file's size.
result<std::shared_ptr<lt::torrent_info const>> load_torrent(std::string_view bytes, std::string_view name);

} // namespace rawswarm
