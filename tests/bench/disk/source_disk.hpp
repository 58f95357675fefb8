// SPDX-License-Identifier: BSD-3-Clause
// A loop device over a seek_disk (seek_disk.hpp) with the image of the bench on it, to be read.
//
// Errors are thrown.
#pragma once

#include "base/unique_fd.hpp"
#include "tests/bench/disk/seek_disk.hpp"
#include "tests/support/device/loop_device.hpp"

#include <cstdlib>
#include <memory>
#include <string>

namespace rawswarm::bench
{

class source_disk
{
public:
	// pieces: of the image. options: of the disk, but for its size.
	source_disk(int pieces, seek_disk_options const& options);

	std::string const& path() const { return m_loop.path(); }
	std::string file() const { return m_disk.file(); } // with the same content

	// The page cache has nothing of the device, and its requests take time from here on.
	void begin();

	// They take none any more. What the disk has seen since begin().
	seek_disk_counts end();

	// The rate from end to end, MiB/s.
	double sequential();

private:
	int m_pieces;
	seek_disk m_disk;
	test::loop_device m_loop;
	unique_fd m_fd;
	std::unique_ptr<char, decltype(&std::free)> m_piece;
	seek_disk_counts m_before;
};

} // namespace rawswarm::bench
