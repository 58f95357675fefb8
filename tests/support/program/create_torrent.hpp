// SPDX-License-Identifier: BSD-3-Clause
// The fixture of tests that make a torrent of a source, and what must hold of each torrent that is made.
#pragma once

#include "agent/bittorrent/torrent_hints.hpp"
#include "agent/create/create.hpp"
#include "storage/device/extent_map.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>
#include <libtorrent/torrent_info.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm::test
{

struct created
{
	create_summary summary;
	lt::torrent_info torrent;
	extent_map extents;
	torrent_hints hints;
};

// The source is m_dir/disk.img, in pieces of 64 KiB, with two threads; the torrent goes into m_dir/out.
class create_torrent : public ::testing::Test
{
protected:
	create_torrent();

	// Throw the error's text.
	created make();
	created make(std::string const& source); // its content

	// The error is of that kind, its text contains this one, and no torrent is left.
	void expect_refused(fault kind, std::string const& text);

	temp_dir m_dir;
	create_options m_options;
};

// A letter a block of block_size: x stands for random bytes, a dot for zeros.
std::string source_content(std::string const& pattern);

// Offset and length of each, in bytes.
using extent_list = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
extent_list extents_of(created const& made);

// The torrent's files in its own order are the extents in the order of the device.
void expect_device_order(created const& made);

// The torrent describes this source: extents, hashes, hints and summary, and what it leaves out is zeros.
void expect_faithful(created const& made, std::string const& source);

} // namespace rawswarm::test
