// SPDX-License-Identifier: BSD-3-Clause
// The first two sectors of a disk as they were before the copy of its GPT was moved to its end: the header
// then said where the image has the copy, and the guard of the first sector how long the image's disk was.
//
// Pure. Whether a result is right is shown by the hash of the piece that it belongs to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rawswarm
{

// start: the first two sectors of the disk. old_copy: the last sector of the image, which holds the header of
// the copy as the image has it. Several answers, since programs differ in the length that the guard says.
// Empty: there is no GPT, or no copy of it.
std::vector<std::string> starts_before_move(
	std::span<char const> start, std::span<char const> old_copy, std::uint64_t sector);

} // namespace rawswarm
