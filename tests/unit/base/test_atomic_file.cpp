// SPDX-License-Identifier: BSD-3-Clause
#include "base/atomic_file.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/device/fuse_folder.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iterator>

#include <fcntl.h>
#include <sys/resource.h>

namespace rawswarm
{
namespace
{

namespace fs = std::filesystem;

std::ptrdiff_t entries_in(fs::path const& folder)
{
	return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST(atomic_file, writes_the_bytes_and_leaves_nothing_else)
{
	test::temp_dir const dir;
	std::string const bytes("a\0b\n", 4);
	ASSERT_TRUE(write_atomically(dir / "out", bytes));
	EXPECT_EQ(test::read_file(dir / "out"), bytes);
	EXPECT_EQ(entries_in(dir.path()), 1);
}

TEST(atomic_file, replaces_what_was_there)
{
	test::temp_dir const dir;
	test::write_file(dir / "out", "something longer");
	EXPECT_TRUE(check_writable(dir / "out"));
	ASSERT_TRUE(write_atomically(dir / "out", "new"));
	EXPECT_EQ(test::read_file(dir / "out"), "new");
}

TEST(atomic_file, a_rename_that_fails_leaves_nothing_behind)
{
	test::temp_dir const dir;
	test::write_file(dir / "out/in the way", "");
	auto const written = write_atomically(dir / "out", "bytes");
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().kind, fault::target);
	EXPECT_NE(written.error().text.find("writing " + (dir / "out") + ": "), std::string::npos);
	EXPECT_EQ(entries_in(dir.path()), 1);
}

TEST(atomic_file, a_new_name_is_none_that_something_else_has)
{
	test::temp_dir const dir;
	test::write_file(dir / "out.part", "whole");
	ASSERT_TRUE(rename_new_for_good(dir / "out.part", dir / "out"));
	EXPECT_EQ(test::read_file(dir / "out"), "whole");
	test::write_file(dir / "out.part", "another");
	auto const r = rename_new_for_good(dir / "out.part", dir / "out");
	ASSERT_FALSE(r);
	EXPECT_EQ(r.error().text, "writing " + (dir / "out") + ": File exists");
	EXPECT_EQ(test::read_file(dir / "out"), "whole");
	EXPECT_EQ(test::read_file(dir / "out.part"), "another");
}

TEST(atomic_file, a_new_name_is_given_where_the_file_system_cannot_rename_without_replacing)
{
	if (!test::fuse_available())
	{
		GTEST_SKIP() << "no FUSE";
	}
	test::fuse_folder const dir;
	test::write_file(dir / "out.part", "whole");
	ASSERT_NE(
		::renameat2(AT_FDCWD, (dir / "out.part").c_str(), AT_FDCWD, (dir / "out").c_str(), RENAME_NOREPLACE),
		0);
	ASSERT_EQ(errno, EINVAL);
	auto const named = rename_new_for_good(dir / "out.part", dir / "out");
	ASSERT_TRUE(named) << named.error().text;
	EXPECT_EQ(test::read_file(dir / "out"), "whole");
	EXPECT_FALSE(fs::exists(dir / "out.part"));
	test::write_file(dir / "out.part", "another");
	auto const r = rename_new_for_good(dir / "out.part", dir / "out");
	ASSERT_FALSE(r);
	EXPECT_EQ(r.error().text, "writing " + (dir / "out") + ": File exists");
	EXPECT_EQ(test::read_file(dir / "out"), "whole");
	EXPECT_EQ(test::read_file(dir / "out.part"), "another");
}

// Without descriptors the folder cannot be opened to be synced.
TEST(atomic_file, a_new_name_that_may_not_last_is_taken_back)
{
	test::temp_dir const dir;
	test::write_file(dir / "out.part", "whole");
	rlimit before{};
	ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
	rlimit none = before;
	none.rlim_cur = 0;
	ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
	auto const r = rename_new_for_good(dir / "out.part", dir / "out");
	ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
	ASSERT_FALSE(r);
	EXPECT_EQ(r.error().text, "writing " + (dir / "out") + ": Too many open files");
	EXPECT_EQ(test::read_file(dir / "out.part"), "whole");
	EXPECT_FALSE(fs::exists(dir / "out"));
}

TEST(atomic_file, file_that_is_there_already_gets_its_name)
{
	test::temp_dir const dir;
	test::write_file(dir / "out.part", "whole");
	ASSERT_TRUE(rename_for_good(dir / "out.part", dir / "out"));
	EXPECT_EQ(test::read_file(dir / "out"), "whole");
	EXPECT_EQ(entries_in(dir.path()), 1);
	auto const r = rename_for_good(dir / "nothing", dir / "out");
	ASSERT_FALSE(r);
	EXPECT_EQ(r.error().text, "writing " + (dir / "out") + ": No such file or directory");
	EXPECT_EQ(test::read_file(dir / "out"), "whole");
}

TEST(atomic_file, what_cannot_be_written_is_known_before)
{
	test::temp_dir const dir;
	EXPECT_TRUE(check_writable(dir / "out"));
	for (auto const& path : {dir / "missing/out", dir.path().string(), dir / "", std::string("/dev/null")})
	{
		auto const checked = check_writable(path);
		ASSERT_FALSE(checked) << path;
		EXPECT_EQ(checked.error().kind, fault::target);
		EXPECT_NE(checked.error().text.find(path), std::string::npos);
	}
	EXPECT_FALSE(check_writable(""));
	EXPECT_EQ(entries_in(dir.path()), 0);
}

} // namespace
TEST(atomic_file, written_bit_by_bit_is_there_once_it_is_committed)
{
	test::temp_dir const dir;
	auto file = test::value_of(atomic_file::create(dir / "out"));
	ASSERT_TRUE(file.write("one "));
	ASSERT_TRUE(file.write("two"));
	EXPECT_FALSE(fs::exists(dir / "out"));
	ASSERT_TRUE(file.commit());
	EXPECT_EQ(test::read_file(dir / "out"), "one two");
}

TEST(atomic_file, that_is_given_up_leaves_nothing)
{
	test::temp_dir const dir;
	{
		auto file = test::value_of(atomic_file::create(dir / "out"));
		ASSERT_TRUE(file.write("some"));
	}
	EXPECT_TRUE(fs::is_empty(dir.path()));
}

} // namespace rawswarm
