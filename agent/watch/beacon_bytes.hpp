// SPDX-License-Identifier: BSD-3-Clause
// What a beacon that is kept takes of the memory, and how it takes less. Pure.
#pragma once

#include "agent/beacon/beacon_format.hpp"

#include <cstddef>

namespace rawswarm
{

// Heap memory, about, beyond its own size.
std::size_t bytes_of(received_beacon const& b) noexcept;

// Leaves what is kept of a beacon where there is no memory for all of it: its first target, and the first 48
// bytes of each text.
void slim(received_beacon& b);

} // namespace rawswarm
