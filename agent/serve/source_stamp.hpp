// SPDX-License-Identifier: BSD-3-Clause
// Whether the file that an image is served from is still what it was when it was opened.
#pragma once

#include <cstdint>
#include <string>

namespace rawswarm
{

enum class source_change
{
	none,
	written, // the file that is open has changed
	gone // another one, or none, has its name: the one that is open is what it was
};

struct source_stamp
{
	bool is_file = false; // no: a device or a folder, of which this tells nothing
	std::uint64_t device = 0;
	std::uint64_t inode = 0;
	std::uint64_t bytes = 0;
	std::int64_t modified_s = 0;
	std::int64_t modified_ns = 0;

	// Blocking. Of a path at which there is nothing: no file.
	static source_stamp of(std::string const& path);
};

source_change compare(source_stamp const& before, source_stamp const& now);

} // namespace rawswarm
