// SPDX-License-Identifier: BSD-3-Clause
// The backend's settings on this machine, and how each target's device is used.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "storage/backend/storage_context.hpp"
#include "storage/device/device_profile.hpp"

#include <span>

namespace rawswarm
{

// Memory: what the job asks for, or as agent/machine/machine_memory.hpp says. Threads for the usual number of
// reads and writes, as long as the targets are not known.
storage_settings make_storage_settings(manifest_storage const& settings);

// What the kind of the device asks for, or the kind that the job names, with what the job sets itself.
// kind: what the device turned out to be.
device_profile make_profile(device_kind kind, manifest_storage const& settings);

// Threads that read and write: as many as the job asks for, or one for everything that all targets may have
// under way at once, at least 4 and at most 32.
int io_threads_for(std::span<device_profile const> targets, manifest_storage const& settings);

} // namespace rawswarm
