// SPDX-License-Identifier: BSD-3-Clause
// What tells one start of an agent from another: a name that no other start has, and where the start stands
// in the order of all starts of its machine.
//
// A machine in an initramfs may have no clock that is right, so the order is by the time since the kernel
// started, and holds among the runs of one boot. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace rawswarm
{

// 32 random hex digits; by clock and process where there is no randomness.
std::string make_run_id();

// 16 hex digits that the kernel draws at each of its starts. Empty without /proc.
std::string this_boot();

// Milliseconds since the kernel started, suspension included.
std::int64_t since_boot_ms();

} // namespace rawswarm
