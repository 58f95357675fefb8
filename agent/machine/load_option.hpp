// SPDX-License-Identifier: BSD-3-Clause
// The content of a boot entry of UEFI firmware, an EFI_LOAD_OPTION: its name and where the loader is.
//
// Pure. Format: UEFI specification 2.10, 3.1.3 (load options), 10.3 (device paths). Texts are ASCII; others
// are for the caller to refuse.
#pragma once

#include "agent/machine/partition_types.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rawswarm
{

// The loader is a path with '\' on the partition of the table. The path to the disk itself is left out, as
// firmware finds the partition by its identifier on whatever the disk hangs. sector_size: bytes.
std::string make_load_option(std::string_view label, partition_table const& table,
	table_partition const& partition, std::uint64_t sector_size, std::string_view loader);

// Whether the load option, which anybody may have made, has this name.
bool has_label(std::string_view option, std::string_view label);

} // namespace rawswarm
