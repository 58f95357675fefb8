// SPDX-License-Identifier: BSD-3-Clause
// Where a source may hold anything but zeros, as the file system knows it: the holes of a sparse file
// are found without reading them.
//
// One thread. Offsets are bytes.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/units.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rawswarm
{

// From a multiple of block_size to a multiple of block_size, or to the end of the source.
struct data_range
{
	device_offset begin;
	device_offset end;
};

class sparse_map
{
public:
	// For a source of which nothing is known (a device): all of it is data.
	explicit sparse_map(std::uint64_t size);

	// An image file. A file system that cannot tell holes is no error.
	static result<sparse_map> of_file(std::string const& path, std::uint64_t size);

	// The first range of data at or behind `from`, a multiple of block_size; empty if there is none.
	result<std::optional<data_range>> next(device_offset from);

	// In all ranges of data.
	result<std::uint64_t> bytes();

private:
	std::string m_path;
	std::uint64_t m_size;
	unique_fd m_fd; // none: everything is data
};

} // namespace rawswarm
