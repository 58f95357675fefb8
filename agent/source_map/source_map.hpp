// SPDX-License-Identifier: BSD-3-Clause
// Which parts of a source an image of it needs. Plain values; offsets and lengths are bytes.
#pragma once

#include "storage/device/units.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm
{

// What of an area becomes part of the image.
enum class area_content
{
	all,
	data // blocks that are not all zero; the image promises zeros in place of the others
};

struct source_area
{
	byte_range range;
	area_content take = area_content::all;
	std::string checksum = {}; // of the area's bytes, in hexadecimal: SHA-256 or, shorter, SHA-1; empty: none

	friend bool operator==(source_area const&, source_area const&) = default;
};

// For the person who makes the image: a partition, or what stands outside of them, and what was taken of it.
struct source_part
{
	std::string name; // "partition 2", "outside of partitions", "the whole source"
	std::string content; // "ext4"; empty: not known
	std::string means; // "its own bitmap", "partclone.xfs", "what is not zero (why)"
	std::uint64_t size = 0;
	byte_range range = {}; // empty: what no other part has
};

struct source_map
{
	std::vector<source_area> areas; // by offset, apart from each other
	std::vector<source_part> parts;
};

} // namespace rawswarm
