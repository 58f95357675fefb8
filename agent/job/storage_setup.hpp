// SPDX-License-Identifier: BSD-3-Clause
// The backend's settings on this machine, and how each target's device is used.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "storage/backend/storage_context.hpp"
#include "storage/device/device_profile.hpp"

#include <memory>
#include <span>

namespace rawswarm
{

// Memory is what the job asks for, else automatic_memory(). Threads are those of a job without targets, until
// io_threads_of() knows the targets.
storage_settings make_storage_settings(manifest_storage const& settings);

// The profile of the kind that the job names, else of `kind`, which was detected; single numbers that the job
// sets take precedence.
device_profile make_profile(device_kind kind, manifest_storage const& settings);

// Threads that read and write: as many as the job asks for, else one per request that all targets may have
// under way at once, at least 4 and at most 32.
int io_threads_for(std::span<device_profile const> targets, manifest_storage const& settings);

// The same, of how the devices are used now, which may have been changed.
int io_threads_of(std::span<std::shared_ptr<storage_target> const> targets, manifest_storage const& settings);

} // namespace rawswarm
