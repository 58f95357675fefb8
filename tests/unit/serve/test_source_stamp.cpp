// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/source_stamp.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace rawswarm
{
namespace
{

using test::temp_dir;
using test::write_file;

class source_stamp_test : public ::testing::Test
{
protected:
	source_stamp_test()
	{
		write_file(m_path, "image");
		m_before = source_stamp::of(m_path);
	}

	source_change change() const { return compare(m_before, source_stamp::of(m_path)); }

	temp_dir m_dir;
	std::string m_path = m_dir / "image";
	source_stamp m_before;
};

TEST_F(source_stamp_test, file_that_stays_as_it_is_has_not_changed)
{
	EXPECT_TRUE(m_before.is_file);
	EXPECT_EQ(change(), source_change::none);
}

TEST_F(source_stamp_test, file_of_another_length_or_time_was_written_to)
{
	write_file(m_path, "longer image");
	EXPECT_EQ(change(), source_change::written);
	write_file(m_path, "image");
	std::filesystem::last_write_time(m_path, std::filesystem::file_time_type::clock::now());
	EXPECT_EQ(change(), source_change::written);
}

TEST_F(source_stamp_test, file_that_another_one_replaced_or_that_is_removed_is_gone)
{
	write_file(m_dir / "new", "image");
	std::filesystem::rename(m_dir / "new", m_path);
	EXPECT_EQ(change(), source_change::gone);
	std::filesystem::remove(m_path);
	EXPECT_EQ(change(), source_change::gone);
}

TEST_F(source_stamp_test, of_a_folder_and_of_what_is_not_there_nothing_is_known)
{
	auto const folder = source_stamp::of(m_dir.path().string());
	EXPECT_FALSE(folder.is_file);
	EXPECT_EQ(compare(folder, m_before), source_change::none);
	EXPECT_FALSE(source_stamp::of(m_dir / "nothing").is_file);
}

} // namespace
} // namespace rawswarm
