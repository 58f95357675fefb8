// SPDX-License-Identifier: BSD-3-Clause
// The device `sockets`: peers at the other ends of TCP connections (socket_stream.hpp), on two disks that are
// slower than they are: one of 40 MB/s without seeks, and the one with seek costs.
//
// What of these blocks has no room in memory shows as blocks beyond the budget, and as pieces that have to be
// read back to be hashed. The rate is compared with that of writing the disk from end to end in the same run,
// and with that of the backend with peers that stop at once.
#pragma once

#include "tests/bench/disk/disk_bounds.hpp"
#include "tests/bench/disk/disk_rows.hpp"

#include <libtorrent/torrent_info.hpp>

#include <memory>

namespace rawswarm::bench
{

// Prints a row for each disk and number of peers. Errors are thrown.
void run_socket_rows(disk_options const& o, std::shared_ptr<lt::torrent_info const> const& info, verdicts& v);

} // namespace rawswarm::bench
