// SPDX-License-Identifier: BSD-3-Clause
// How much memory this machine has, and how much of it the program may take.
//
// Reads /proc and /sys, nothing else; what cannot be read is unknown, never an error. Bytes.
#pragma once

#include "storage/device/device_checks.hpp"

#include <cstdint>
#include <optional>

namespace rawswarm
{

struct machine_memory
{
	std::int64_t total = 0;

	// Bytes that the kernel can give without taking it from another process (MemAvailable). A machine that
	// boots from an initramfs keeps its files in memory, and those do not count as available.
	std::optional<std::int64_t> available;

	// The lowest limit of the control groups that this process is in, v1 and v2.
	std::optional<std::int64_t> limit;
};

machine_memory read_machine_memory(kernel_files const& files = {});

// The budget of the storage backend if the job says "auto": a quarter of the machine, from 32 MiB to 1 GiB,
// but at most the available memory or the limit, whichever is lower, less 64 MiB for the rest of the program.
// A smaller machine gives what it has, but never less than 4 MiB, the least that a job can ask for.
std::int64_t automatic_memory(machine_memory const& machine) noexcept;

} // namespace rawswarm
