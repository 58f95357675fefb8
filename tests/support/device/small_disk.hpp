// SPDX-License-Identifier: BSD-3-Clause
// Sizes that tests of the backend on a device in memory share.
#pragma once

#include "storage/backend/storage_context.hpp"
#include "tests/support/device/disk_fixture.hpp"

#include <cstddef>

namespace rawswarm::test
{

inline constexpr int piece_size = 64 * 1024; // bytes: a disk_fixture's, unless its options say otherwise
inline constexpr std::size_t one_mib = 1024 * 1024; // bytes

// 64 blocks, the smallest pool: peers wait at 36 unwritten ones, and are woken at 31.
inline constexpr storage_settings tiny{.memory = 0};

} // namespace rawswarm::test
