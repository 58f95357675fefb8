// SPDX-License-Identifier: BSD-3-Clause
// Frames of a compressed image (seek_table.hpp) that are read together, as they are neighbours in the file:
// for whoever wants a range of the payload, from a disk or from a web server.
//
// Pure: no I/O. Offsets and lengths in bytes.
#pragma once

#include "base/result.hpp"
#include "storage/device/block_frame.hpp"
#include "storage/device/seek_table.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace rawswarm
{

// A range of the payload.
struct payload_range
{
	std::uint64_t begin = 0;
	std::uint64_t length = 0;
};

struct frame_run
{
	std::uint64_t first_block = 0; // of the payload
	std::uint64_t blocks = 0; // never 0
	std::uint64_t offset = 0; // in the file
	std::uint64_t length = 0; // in the file
	payload_range wanted; // what these blocks have of the range that is wanted
};

// How much of the file a run has at most: few reads, and little memory beside what is wanted.
inline constexpr std::uint64_t max_run_bytes = std::uint64_t(1024) * 1024;

// The runs that the range needs, in its order. It must lie in the table's payload. A run is as long as
// most_bytes allow, and one frame at least, which has less than 64 KiB.
std::vector<frame_run> frame_runs(
	seek_table const& table, payload_range wanted, std::uint64_t most_bytes = max_run_bytes);

// Unpacks what is wanted of a run's frames. frames: run.length bytes; to: run.wanted.length bytes. Refused
// (fault::refused, "at OFFSET: the frame ...", for the caller to say of which file): what frame_reader
// refuses.
result<void> unpack_run(frame_reader& reader, seek_table const& table, frame_run const& run,
	std::span<char const> frames, std::span<char> to);

} // namespace rawswarm
