// SPDX-License-Identifier: BSD-3-Clause
// The image for a room, and the comparison of a target with it. Errors are thrown.
#pragma once

#include <cstdint>
#include <string>

namespace rawswarm::test
{

struct image_files
{
	std::string image; // random bytes, or some that compress by about two
	std::string torrent;
	std::string compressed; // the image as `create --compress` writes it, if it was asked for
	std::int64_t bytes = 0;
	int piece_size = 0; // bytes
};

enum class image_content
{
	random,
	compressible, // and there is the compressed image
};

// Fills a new file.
void write_random_image(std::string const& path, int mib, image_content content = image_content::random);

// Makes them in the folder.
image_files make_image(
	std::string const& folder, int mib, int piece_size, image_content content = image_content::random);

// Compares every byte and the sizes.
bool is_equal(std::string const& target, std::string const& image);

} // namespace rawswarm::test
