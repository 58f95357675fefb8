// SPDX-License-Identifier: BSD-3-Clause
// Reads and writes of a device with a string as their one buffer.
#pragma once

#include "base/result.hpp"
#include "storage/device/block_device.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace rawswarm::test
{

result<void> write_text(block_device& device, std::uint64_t offset, std::string text);

// So many bytes, or the error's text.
std::string read_text(block_device& device, std::uint64_t offset, std::size_t length);

} // namespace rawswarm::test
