// SPDX-License-Identifier: BSD-3-Clause
// Sizes for people. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace rawswarm
{

// "512 B", "1.5 GiB": one decimal and a binary unit. A negative size is 0.
std::string format_size(std::int64_t bytes);

} // namespace rawswarm
