// SPDX-License-Identifier: BSD-3-Clause
// A file system as machines have it: ext4 with files of Debian packages (real_packages.txt). Errors are
// thrown.
#pragma once

#include "tests/bench/swarm/room_content.hpp"

#include <filesystem>

namespace rawswarm::bench
{

// A folder with the packages' files. The first call downloads them, so it needs a network; later ones find
// them in the build folder.
std::filesystem::path unpacked_packages();

// The image of a new file system with some of the files, so many that the payload is nearly as large as
// wanted. The choice is the same every time, and has large and small files of all packages; it leaves out a
// file that is larger than what is still wanted.
room_content real_content(std::filesystem::path const& packages, content_settings const& settings);

} // namespace rawswarm::bench
