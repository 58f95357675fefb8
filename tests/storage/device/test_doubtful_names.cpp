// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/doubtful_names.hpp"

#include <gtest/gtest.h>
#include <libtorrent/file_storage.hpp>

#include <string>
#include <vector>

namespace rawswarm
{
namespace
{

TEST(doubtful_names, a_name_without_its_prefix_that_lies_inside_a_sector_is_doubtful)
{
	auto const doubtful = [](std::vector<std::string> const& names) {
		lt::file_storage files;
		files.set_piece_length(16 * 1024);
		for (auto const& name : names)
		{
			files.add_file("photos/" + name, 1000);
		}
		return find_doubtful_name(files).value_or("none");
	};
	EXPECT_EQ(doubtful({"0", "00000200", "0x20240131", "0x1"}), "none");
	EXPECT_EQ(doubtful({"0", "20240131", "20240201"}), "20240131");
	EXPECT_EQ(doubtful({"0", "readme.txt"}), "none") << "which is refused elsewhere";
}

} // namespace
} // namespace rawswarm
