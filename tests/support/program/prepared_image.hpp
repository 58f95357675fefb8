// SPDX-License-Identifier: BSD-3-Clause
// The image that most integration tests start from: extents with gaps, a torrent of them, and an image file
// that has them, ready to be served.
#pragma once

#include "tests/support/base/temp_dir.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm::test
{

struct prepared_image
{
	explicit prepared_image(extent_layout const& layout, torrent_options const& options = {});
	explicit prepared_image(std::vector<torrent_file> files, torrent_options const& options = {});

	temp_dir dir;
	made_torrent torrent;
	std::string torrent_path; // a file in dir
	std::string source_path; // an image file in dir, zeros outside the extents
	std::uint64_t device_size; // bytes, whole MiB, with space after the last extent
};

} // namespace rawswarm::test
