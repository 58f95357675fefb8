// SPDX-License-Identifier: BSD-3-Clause
// Zeroes what lies between the extents of an image, in steps short enough that a stop is noticed.
//
// Blocking. Gaps and extents do not overlap, so it may run beside the download.
#pragma once

#include "storage/backend/storage_target.hpp"
#include "storage/device/content_check.hpp"

#include <atomic>
#include <cstdint>
#include <span>
#include <stop_token>

namespace rawswarm
{

enum class gap_content
{
	anything, // all of it is zeroed, which takes a device with a command for it a moment
	zeros_already // most likely: it is read, and what is not zero is zeroed
};

// Whether all gaps were filled. False as well after a stop, or once the target has failed; an error of the
// device is reported by the storage, but for one of reading: what cannot be read is zeroed. done: bytes that
// are zeros now.
bool fill_with_zeros(storage_target& storage, std::span<byte_range const> gaps, gap_content content,
	std::atomic<std::int64_t>& done, std::stop_token const& stop);

} // namespace rawswarm
