// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/source_use.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace rawswarm
{
namespace
{

// Devices of a number that no machine has, and a kernel that says of them what it is told.
constexpr block_device_id disk{4000, 0};
constexpr block_device_id partition{4000, 1};

class source_use : public ::testing::Test
{
protected:
	source_use()
	{
		test::write_file(m_dir / "sys/devices/sdx/dev", "4000:0\n");
		test::write_file(m_dir / "sys/devices/sdx/sdx1/dev", "4000:1\n");
		test::write_file(m_dir / "sys/devices/sdx/sdx1/partition", "1\n");
		std::filesystem::create_directories(m_dir / "sys/dev/block");
		std::filesystem::create_symlink("../../devices/sdx", m_dir / "sys/dev/block/4000:0");
		std::filesystem::create_symlink("../../devices/sdx/sdx1", m_dir / "sys/dev/block/4000:1");
		mounts("");
	}

	void mounts(std::string const& lines) { test::write_file(m_dir / "proc/self/mountinfo", lines); }

	result<void> check(block_device_id device) const
	{
		return check_unchanging("/dev/sdx", device, {m_dir / "proc", m_dir / "sys"});
	}

	test::temp_dir m_dir;
};

TEST_F(source_use, an_idle_device_is_fine)
{
	mounts("36 1 4001:1 / /mnt rw - ext4 /dev/sdy1 rw\n");
	EXPECT_TRUE(check(disk));
	EXPECT_TRUE(check(partition));
}

TEST_F(source_use, a_device_mounted_for_writing_is_refused)
{
	mounts("36 1 4000:1 / /mnt rw,noatime shared:1 - ext4 /dev/sdx1 rw,discard\n");
	auto const checked = check(partition);
	ASSERT_FALSE(checked);
	EXPECT_EQ(checked.error().kind, fault::target);
	EXPECT_EQ(checked.error().text, "opening /dev/sdx: mounted on /mnt, and may change while it is read");
	EXPECT_FALSE(check(disk));
}

TEST_F(source_use, a_device_mounted_read_only_is_fine)
{
	mounts("36 1 4000:1 / /mnt ro,noatime - ext4 /dev/sdx1 ro,errors=remount-ro\n"
		   "37 1 4000:1 / /mnt2 ro - ext4 /dev/sdx1 ro\n");
	EXPECT_TRUE(check(partition));
}

// A read-only view of a file system that others write to.
TEST_F(source_use, a_read_only_bind_mount_does_not_count)
{
	mounts("36 1 4000:1 / /mnt ro - ext4 /dev/sdx1 rw,relatime\n");
	EXPECT_FALSE(check(partition));
}

TEST_F(source_use, one_mount_for_writing_among_others_is_refused)
{
	mounts("36 1 4000:1 / /mnt ro - ext4 /dev/sdx1 ro\n"
		   "37 1 4000:1 / /mnt2 rw - ext4 /dev/sdx1 rw\n");
	EXPECT_FALSE(check(partition));
}

TEST_F(source_use, a_device_that_something_holds_is_refused)
{
	test::write_file(m_dir / "sys/devices/sdx/sdx1/holders/dm-0/dm/name", "vg-root\n");
	auto const checked = check(partition);
	ASSERT_FALSE(checked);
	EXPECT_NE(checked.error().text.find("held by dm-0 (vg-root)"), std::string::npos);
}

} // namespace
} // namespace rawswarm
