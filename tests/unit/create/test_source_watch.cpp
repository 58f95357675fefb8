// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/source_watch.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/loop_device.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;

TEST(source_watch, sees_nothing_where_nothing_was_written)
{
	test::temp_dir const dir;
	test::write_file(dir / "image", "content");
	auto const watch = test::value_of(source_watch::begin(dir / "image"));
	test::read_file(dir / "image");
	EXPECT_EQ(test::value_of(watch.changes()), "");
}

TEST(source_watch, sees_a_file_that_was_changed_in_place)
{
	test::temp_dir const dir;
	test::write_file(dir / "image", "content");
	auto const watch = test::value_of(source_watch::begin(dir / "image"));
	test::write_at(dir / "image", 3, "x");
	EXPECT_EQ(test::value_of(watch.changes()), "it was changed");
}

TEST(source_watch, sees_what_was_written_to_a_device_through_its_page_cache_or_a_file_system)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::loop_device const device(64 * mib);
	auto const watch = test::value_of(source_watch::begin(device.path()));
	test::read_at(device.path(), 0, mib);
	EXPECT_EQ(test::value_of(watch.changes()), "");
	test::write_at(device.path(), 5 * mib, test::random_bytes(1, mib));
	EXPECT_EQ(test::value_of(watch.changes()), "1.0 MiB were written to it");

	test::run_checked({"mkfs.ext4", "-q", device.path()});
	auto const after = test::value_of(source_watch::begin(device.path()));
	{
		test::scoped_mount const mounted(device.path(), "ext4");
	}
	EXPECT_NE(test::value_of(after.changes()).find(" were written to it"), std::string::npos)
		<< "mounting alone writes the superblock";
}

TEST(source_watch, needs_a_source_that_is_there)
{
	auto const watch = source_watch::begin("/nowhere");
	ASSERT_FALSE(watch);
	EXPECT_EQ(watch.error().text, "opening /nowhere: No such file or directory");
}

} // namespace

} // namespace rawswarm
