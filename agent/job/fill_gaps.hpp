// SPDX-License-Identifier: BSD-3-Clause
// Zeroes what lies between the extents of an image, in steps short enough that a stop is noticed.
//
// Blocking. Gaps and extents do not overlap, so it may run beside the download.
#pragma once

#include "storage/backend/storage_target.hpp"
#include "storage/device/content_check.hpp"

#include <span>
#include <stop_token>

namespace rawswarm
{

// Whether all gaps were filled. False as well after a stop, or once the target has failed; an error of the
// device is reported by the storage.
bool fill_with_zeros(storage_target& storage, std::span<byte_range const> gaps, std::stop_token const& stop);

} // namespace rawswarm
