// SPDX-License-Identifier: BSD-3-Clause
// What toolchain/cmake/pack_page.cmake makes of the files of agent/watch/page. Constants.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace rawswarm
{

struct packed_file
{
	std::string_view name;
	std::size_t size; // bytes, unpacked
};

// In the order in which they stand in the frame.
std::span<packed_file const> packed_page_names();

// One frame of zstd with all of them, one behind the other.
std::string_view packed_page();

} // namespace rawswarm
