// SPDX-License-Identifier: BSD-3-Clause
// Small readers of what /sys says about block devices, for those who ask more of it.
//
// What cannot be read is empty, never an error. Thread-safe: no state.
#pragma once

#include "storage/device/device_checks.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

std::string first_line(std::filesystem::path const& file);

// The entries of a folder by name. A folder that is not there is an empty one.
std::vector<std::filesystem::path> entries(std::filesystem::path const& folder);

bool has_file(std::filesystem::path const& file);

// "8:1"
std::optional<block_device_id> parse_device_id(std::string_view text);

// The device's folder, with no link in it. Empty: /sys does not know the device.
std::filesystem::path sys_folder(block_device_id device, kernel_files const& files);

} // namespace rawswarm
