// SPDX-License-Identifier: BSD-3-Clause
// Dirty blocks of one device, in device order, cut into runs of one vectored write each.
//
// Pure: takes a snapshot, keeps no state, does no I/O. Pieces span extents, so bytes that are contiguous in
// the torrent may be far apart on the device, and the reverse: only device order counts here.
#pragma once

#include "storage/device/units.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <sys/uio.h>

namespace rawswarm
{

// A part of a dirty block that lies in one piece on the device.
struct dirty_range
{
	device_offset offset;
	char const* data = nullptr;
	std::uint32_t length = 0; // bytes
	std::uint32_t block = 0; // the caller's own number of the block, to report results by
};

struct coalesce_settings
{
	// IOV_MAX on Linux is 1,024; a run of that many whole blocks is 16 MiB.
	std::size_t max_ranges = 1024;
};

// Adjacent on the device: buffers[0] begins at offset.
struct write_run
{
	device_offset offset;
	std::vector<iovec> buffers;
	std::vector<std::uint32_t> blocks; // of the ranges, in their order
};

// Sorts ranges by offset. They must not overlap.
std::vector<write_run> build_runs(std::span<dirty_range> ranges, coalesce_settings const& settings);

} // namespace rawswarm
