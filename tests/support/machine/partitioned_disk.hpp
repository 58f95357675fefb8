// SPDX-License-Identifier: BSD-3-Clause
// Loop devices to partition, of every kind that behaves differently, and a GPT that fits on them.
#pragma once

#include "tests/support/device/loop_device.hpp"

#include <array>
#include <chrono>
#include <cstdint>

namespace rawswarm::test
{

inline constexpr std::uint64_t disk_size = std::uint64_t{128} * 1024 * 1024; // bytes

// How long the kernel may take until it knows a new table.
inline constexpr std::chrono::seconds time_to_reread{10};

// Three partitions, the last one up to the end of the disk.
inline constexpr char const* gpt_script = R"(label: gpt
label-id: 11111111-2222-3333-4444-ABCDEFABCDEF
size=40M, type=uefi, uuid=AAAAAAAA-0000-0000-0000-000000000001, name="EFI system"
size=32M, type=linux, uuid=AAAAAAAA-0000-0000-0000-000000000002, name=root
type=swap, uuid=AAAAAAAA-0000-0000-0000-000000000003
)";

// Sectors of 512 bytes and of 4 KiB, each with and without partitions that the kernel reads itself.
inline constexpr std::array<loop_options, 4> disk_kinds{
	{{}, {.sector_size = 4096}, {.partition_scan = true}, {.sector_size = 4096, .partition_scan = true}}};

} // namespace rawswarm::test
