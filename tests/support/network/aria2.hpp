// SPDX-License-Identifier: BSD-3-Clause
// aria2c, a client that shares no code with libtorrent, held to loopback.
#pragma once

#include "tests/support/base/child_process.hpp"

#include <filesystem>
#include <string>

namespace rawswarm::test
{

// The command that downloads the torrent into the folder, with peers from this tracker only, and ends once
// every piece is there.
child_options aria2_download(std::filesystem::path const& torrent, std::filesystem::path const& folder,
	std::string const& tracker_url);

} // namespace rawswarm::test
