// SPDX-License-Identifier: BSD-3-Clause
// The manifest that `rawswarm create --job` writes beside its torrent, ready to run: the torrent with its
// info-hash pinned, and where its image goes.
//
// An image of a device goes to the device of the same path; one of an image file to the only disk that is not
// removable and large enough, so that a machine with several is refused rather than guessed at.
#pragma once

#include "agent/create/create.hpp"

#include <string>

namespace rawswarm
{

// job: the path of the manifest, from whose folder the torrent's path is told.
std::string created_job(create_options const& options, create_summary const& made, std::string const& job);

} // namespace rawswarm
