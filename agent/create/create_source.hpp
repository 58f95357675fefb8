// SPDX-License-Identifier: BSD-3-Clause
// The source of `rawswarm create`: opened, measured, and checked as far as that needs no reading.
#pragma once

#include "agent/create/create_extents.hpp"
#include "agent/create/create_options.hpp"
#include "agent/create/source_format.hpp"
#include "agent/create/sparse_map.hpp"
#include "base/result.hpp"
#include "storage/device/block_device.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rawswarm
{

struct create_source
{
	std::unique_ptr<block_device> device;
	sparse_map data;
	bool is_folder = false;
	bool is_file = false; // not a device
	std::vector<source_extent> folder_extents; // sorted; of a folder only
	std::uint64_t size = 0; // bytes; of a folder, up to the end of its last extent
	std::uint64_t bytes = 0; // to be read: size, or what is in folder_extents
	std::optional<std::uint64_t> sector_size = {}; // torrent_hints::sector_size
};

// The name asked for, or the source's file name.
result<std::string> torrent_name(create_options const& options);

// Before hours of reading: no output is the source, is not inside it, and can be written.
result<void> check_output(create_options const& options);

// torrent_hints::sector_size of a disk that begins with these bytes, gpt_reach of them unless it is shorter.
// A GPT says what it counts in by its place. Any other table counts in the sectors of its disk; of an image
// file nobody knows what those were.
std::optional<std::uint64_t> sector_of_table(
	std::span<char const> start, std::optional<std::uint64_t> of_disk);

// What a source is a container of, rather than the bytes of a disk. is_file: not a device, whose end belongs
// to whatever was there before. Reads its first and last bytes.
result<std::optional<foreign_format>> find_foreign_format(block_device& source, bool is_file);

result<create_source> open_create_source(create_options const& options);

} // namespace rawswarm
