// SPDX-License-Identifier: BSD-3-Clause
// Plans the capture of a disk: which it is, and once its torrent is made, how it is served.
//
// Blocking; opens the device to read it only.
#pragma once

#include "agent/job/planned_target.hpp"
#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"

#include <stop_token>
#include <string>

namespace rawswarm
{

// Finds the device, and refuses one that is in use, that is missing or that cannot be read (fault::target).
// Returns what the job says, with the path of the device.
result<manifest_capture> plan_capture(manifest_capture const& wanted, std::stop_token const& stop = {});

// A seed of the torrent that was made of the device.
result<planned_target> plan_captured(manifest_capture const& capture, std::string const& torrent);

} // namespace rawswarm
