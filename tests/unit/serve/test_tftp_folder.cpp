// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/tftp_folder.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

using test::value_of;

class tftp : public testing::Test
{
protected:
	void SetUp() override
	{
		test::write_file(m_dir / "boot/vmlinuz", "kernel");
		test::write_file(m_dir / "boot/snponly.efi", "iPXE");
		test::write_file(m_dir / "boot/secret", "");
	}

	tftp_folder make() const { return value_of(tftp_folder::make(m_dir.path().string())); }
	fs::path at(std::string const& name) const { return m_dir.path() / "state/tftp" / name; }

	test::temp_dir m_dir;
};

constexpr auto mac = "52:54:00:12:34:56";

TEST_F(tftp, has_loaders_and_kernel_and_nothing_else_of_the_room)
{
	auto const folder = make();
	EXPECT_EQ(folder.path(), (m_dir.path() / "state/tftp").string());
	EXPECT_EQ(test::read_file(at("vmlinuz")), "kernel");
	EXPECT_EQ(test::read_file(at("snponly.efi")), "iPXE");
	EXPECT_FALSE(fs::exists(at("secret")));
	EXPECT_FALSE(fs::exists(fs::symlink_status(at("undionly.kpxe"))));
}

TEST_F(tftp, sends_a_machine_without_an_entry_to_its_own_disk)
{
	make();
	EXPECT_NE(test::read_file(at("pxelinux.cfg/default")).find("LOCALBOOT"), std::string::npos);
	EXPECT_NE(test::read_file(at("grub/grub.cfg")).find("chainloader"), std::string::npos);
}

TEST_F(tftp, keeps_no_unfinished_file_of_an_entry_that_cannot_be_written)
{
	auto folder = make();
	auto const entry = at("grub/machine-52:54:00:12:34:56.cfg");
	fs::create_directories(entry / "in the way");
	EXPECT_FALSE(folder.take({{mac, {"grub text", "pxelinux text"}}}));
	EXPECT_FALSE(fs::exists(entry.string() + ".part"));
}

TEST_F(tftp, has_an_entry_for_each_loader_of_a_machine)
{
	auto folder = make();
	ASSERT_TRUE(folder.take({{mac, {"grub text", "pxelinux text"}}}));
	EXPECT_EQ(test::read_file(at("grub/machine-52:54:00:12:34:56.cfg")), "grub text");
	EXPECT_EQ(test::read_file(at("pxelinux.cfg/01-52-54-00-12-34-56")), "pxelinux text");
}

TEST_F(tftp, drops_the_entry_of_a_machine_that_boots_its_own_disk_by_now)
{
	auto folder = make();
	ASSERT_TRUE(folder.take({{mac, {"grub text", "pxelinux text"}}}));
	ASSERT_TRUE(folder.take({}));
	EXPECT_FALSE(fs::exists(at("grub/machine-52:54:00:12:34:56.cfg")));
	EXPECT_FALSE(fs::exists(at("pxelinux.cfg/01-52-54-00-12-34-56")));
}

TEST_F(tftp, follows_an_entry_that_changes)
{
	auto folder = make();
	ASSERT_TRUE(folder.take({{mac, {"old", ""}}}));
	EXPECT_FALSE(fs::exists(at("pxelinux.cfg/01-52-54-00-12-34-56")));
	ASSERT_TRUE(folder.take({{mac, {"new", ""}}}));
	EXPECT_EQ(test::read_file(at("grub/machine-52:54:00:12:34:56.cfg")), "new");
}

// A folder at the place of the second machine's entry.
TEST_F(tftp, what_was_written_before_something_failed_is_known)
{
	constexpr auto* second = "52:54:00:12:34:57";
	auto const in_the_way = at("grub/machine-52:54:00:12:34:57.cfg");
	auto folder = make();
	test::write_file(in_the_way / "x", "");
	EXPECT_FALSE(
		folder.take({{mac, {"grub text", "pxelinux text"}}, {second, {"grub text", "pxelinux text"}}}));
	EXPECT_EQ(test::read_file(at("grub/machine-52:54:00:12:34:56.cfg")), "grub text");
	fs::remove_all(in_the_way);
	ASSERT_TRUE(folder.take({}));
	EXPECT_FALSE(fs::exists(at("grub/machine-52:54:00:12:34:56.cfg")));
	EXPECT_FALSE(fs::exists(at("pxelinux.cfg/01-52-54-00-12-34-56")));
	ASSERT_TRUE(folder.take({{second, {"grub text", "pxelinux text"}}}));
	EXPECT_EQ(test::read_file(in_the_way), "grub text");
}

TEST_F(tftp, forgets_what_an_earlier_server_left)
{
	ASSERT_TRUE(make().take({{mac, {"grub text", "pxelinux text"}}}));
	fs::remove(m_dir.path() / "boot/snponly.efi");
	make();
	EXPECT_FALSE(fs::exists(at("grub/machine-52:54:00:12:34:56.cfg")));
	EXPECT_FALSE(fs::exists(fs::symlink_status(at("snponly.efi"))));
}

TEST_F(tftp, says_what_it_cannot_write)
{
	test::write_file(m_dir / "state", "a file");
	auto const folder = tftp_folder::make(m_dir.path().string());
	ASSERT_FALSE(folder.has_value());
	EXPECT_EQ(folder.error().kind, fault::target);
}

} // namespace

} // namespace rawswarm
