// SPDX-License-Identifier: BSD-3-Clause
// The device `serve`: a source on the disk with seek costs, whose pieces are hashed before they are first
// sent, and 1 to 30 clients who are told of its pieces in the order of the image, as a room is.
//
// The clients stand for libtorrent: each has at most three pieces hashed at a time, and takes the blocks of a
// piece that was hashed as fast as they come. So the disk alone decides, and its rate is compared with that
// of reading it from end to end in the same run. The backend runs twice: as it is, and with the pieces read
// by those who hash them, several at once, as on a disk that does not seek (`hashers`).
#pragma once

#include "tests/bench/disk/disk_bounds.hpp"
#include "tests/bench/disk/disk_rows.hpp"

#include <libtorrent/torrent_info.hpp>

#include <memory>

namespace rawswarm::bench
{

// Prints a row for each number of clients. Errors are thrown.
void run_serve_rows(disk_options const& o, std::shared_ptr<lt::torrent_info const> const& info, verdicts& v);

} // namespace rawswarm::bench
