// SPDX-License-Identifier: BSD-3-Clause
// Small readers of files in /sys about block devices.
//
// A file that cannot be read is empty, never an error. Thread-safe: no state.
#pragma once

#include "storage/device/kernel_files.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// The unit of sizes in /sys, whatever the device's own sectors are. Bytes.
inline constexpr std::uint64_t sys_sector = 512;

std::string first_line(std::filesystem::path const& file);

// The entries of a folder by name. A missing folder counts as empty.
std::vector<std::filesystem::path> entries(std::filesystem::path const& folder);

bool has_file(std::filesystem::path const& file);

// "8:1"
std::optional<block_device_id> parse_device_id(std::string_view text);

// The device's folder, as a path without links. Empty: /sys does not know the device.
std::filesystem::path sys_folder(block_device_id device, kernel_files const& files);

} // namespace rawswarm
