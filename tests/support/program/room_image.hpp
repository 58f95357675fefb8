// SPDX-License-Identifier: BSD-3-Clause
// The image that a room is given, and whether a target is equal to it. Errors are thrown.
#pragma once

#include <cstdint>
#include <string>

namespace rawswarm::test
{

struct image_files
{
	std::string image; // random bytes
	std::string torrent;
	std::int64_t bytes = 0;
	int piece_size = 0; // bytes
};

// Makes both in the folder.
image_files make_image(std::string const& folder, int mib, int piece_size);

// Byte for byte. False as well when the target is longer.
bool is_equal(std::string const& target, std::string const& image);

} // namespace rawswarm::test
