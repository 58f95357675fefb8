// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/page_files.hpp"
#include "tests/support/base/source_tree.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace rawswarm
{

TEST(page_files, hold_each_file_of_the_page_as_it_is_in_the_repository)
{
	page_files const files;
	int count = 0;
	for (auto const& entry : std::filesystem::directory_iterator(test::source_tree() / "agent/watch/page"))
	{
		auto const name = entry.path().filename().string();
		auto const* const file = files.find(name);
		ASSERT_NE(file, nullptr) << name;
		EXPECT_EQ(*file->content, test::read_file(entry.path())) << name;
		++count;
	}
	EXPECT_GE(count, 3);
}

TEST(page_files, have_nothing_else)
{
	page_files const files;
	EXPECT_EQ(files.find(""), nullptr);
	EXPECT_EQ(files.find("index"), nullptr);
	EXPECT_EQ(files.find("../page/index.html"), nullptr);
}

} // namespace rawswarm
