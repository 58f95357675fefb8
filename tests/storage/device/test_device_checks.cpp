// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/device_checks.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

using test::temp_dir;
using test::write_file;

constexpr block_device_id sda{8, 0};
constexpr block_device_id sda1{8, 1};
constexpr block_device_id sda2{8, 2};
constexpr std::uint64_t sda1_size = 1048576;

// A machine with a disk of two partitions, of which the tests use what they need.
class machine
{
public:
	machine()
	{
		add_device("sda", "8:0", 4096);
		add_device("sda/sda1", "8:1", 2048);
		add_device("sda/sda2", "8:2", 2048);
		write_file(sys("sda/sda1") / "partition", "1\n");
		write_file(sys("sda/sda2") / "partition", "2\n");
		write_file(sys("sda") / "queue" / "rotational", "1\n");
		set_mounts("");
		set_swaps("");
	}

	kernel_files files() const { return {m_dir / "proc", m_dir / "sys"}; }
	std::filesystem::path sys(std::string const& name) const
	{
		return m_dir.path() / "sys/devices/pci0/block" / name;
	}
	std::filesystem::path block() const { return m_dir.path() / "sys/block"; }
	std::filesystem::path proc() const { return m_dir.path() / "proc"; }

	void set_mounts(std::string const& lines) const
	{
		write_file(proc() / "self/mountinfo",
			"22 1 0:21 / /proc rw,relatime - proc proc rw\n" + lines
				+ "31 29 0:32 / /sys/fs/cgroup/cpu rw shared:4 master:1 - cgroup cgroup rw,cpu\n");
	}

	void set_swaps(std::string const& lines) const
	{
		write_file(proc() / "swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n" + lines);
	}

	void add_holder(std::string const& name, std::string const& holder, std::string const& mapped_name)
	{
		auto const folder = m_dir.path() / "sys/devices/virtual/block" / holder;
		std::filesystem::create_directories(folder);
		if (!mapped_name.empty())
		{
			write_file(folder / "dm/name", mapped_name + "\n");
		}
		std::filesystem::create_directory_symlink(folder, sys(name) / "holders" / holder);
	}

	void add_process(std::string const& id, std::string const& command, std::string const& opened) const
	{
		write_file(proc() / id / "comm", command + "\n");
		std::filesystem::create_directories(proc() / id / "fd");
		std::filesystem::create_symlink(opened, proc() / id / "fd/5");
	}

	std::string use(block_device_id id) const { return device_use(id, files()).value_or("free"); }

	std::string verdict(block_device_id id, std::uint64_t needed = 0) const
	{
		auto const checked = check_block_device("/dev/sdx", id, needed, files());
		if (checked)
		{
			return "fine";
		}
		EXPECT_EQ(checked.error().kind, fault::target);
		return checked.error().text;
	}

private:
	void add_device(std::string const& name, std::string const& number, int sectors)
	{
		write_file(sys(name) / "dev", number + "\n");
		write_file(sys(name) / "ro", "0\n");
		write_file(sys(name) / "size", std::to_string(sectors) + "\n");
		std::filesystem::create_directories(sys(name) / "holders");
		auto const links = m_dir.path() / "sys/dev/block";
		std::filesystem::create_directories(links);
		std::filesystem::create_directory_symlink("../../devices/pci0/block/" + name, links / number);
	}

	temp_dir m_dir;
};

} // namespace

TEST(device_checks, an_unused_device_is_fine)
{
	machine const m;
	EXPECT_EQ(m.use(sda), "free");
	EXPECT_EQ(m.use(sda1), "free");
	EXPECT_EQ(m.verdict(sda, 4096 * 512), "fine");
	EXPECT_EQ(m.verdict(sda1, sda1_size), "fine");
}

TEST(device_checks, a_mounted_device_is_refused_with_its_mount_point)
{
	machine m;
	m.set_mounts("36 22 8:1 / /mnt rw,noatime shared:1 - ext4 /dev/root rw\n");
	EXPECT_EQ(m.verdict(sda1), "opening /dev/sdx: mounted on /mnt");
	EXPECT_EQ(m.verdict(sda2), "fine");
}

TEST(device_checks, the_escapes_of_a_mount_point_are_decoded_and_stay_on_one_line)
{
	machine m;
	m.set_mounts("36 22 8:1 / /my\\040disk\\134x\\012\\011\\04 rw - ext4 /dev/root rw\n");
	EXPECT_EQ(m.use(sda1), "mounted on /my disk\\x??\\04");
}

TEST(device_checks, a_file_system_with_a_number_of_its_own_is_known_by_its_source)
{
	machine m;
	m.set_mounts("36 22 0:50 /@ /srv rw shared:1 master:2 propagate_from:3 - btrfs /dev/sda2 rw,subvol=/@\n");
	EXPECT_EQ(m.use(sda2), "mounted on /srv");
	EXPECT_EQ(m.use(sda1), "free");
}

TEST(device_checks, similar_numbers_and_names_are_no_match)
{
	machine m;
	m.set_mounts("36 22 8:16 / /a rw - ext4 /dev/sdb rw\n"
				 "37 22 18:1 / /b rw - ext4 /dev/sda11 rw\n"
				 "38 22 0:1 / /c rw - tmpfs sda1 rw\n"
				 "garbage\n"
				 "\n");
	m.set_swaps("/dev/sda11 partition 1 0 -2\n\n");
	EXPECT_EQ(m.use(sda1), "free");
	EXPECT_EQ(m.use(sda), "free");
}

TEST(device_checks, a_disk_with_a_mounted_partition_is_refused_with_both)
{
	machine m;
	m.set_mounts("36 22 8:2 / /home rw - ext4 /dev/sda2 rw\n");
	EXPECT_EQ(m.verdict(sda), "opening /dev/sdx: its partition sda2 is mounted on /home");
	EXPECT_EQ(m.verdict(sda1), "fine");
}

TEST(device_checks, a_partition_of_a_mounted_disk_is_refused_with_both)
{
	machine m;
	m.set_mounts("36 22 8:0 / /whole rw - ext4 /dev/sda rw\n");
	EXPECT_EQ(m.verdict(sda1), "opening /dev/sdx: its disk sda is mounted on /whole");
	EXPECT_EQ(m.verdict(sda), "opening /dev/sdx: mounted on /whole");
}

TEST(device_checks, swap_is_refused)
{
	machine m;
	m.set_swaps("/swap\\040file                              file\t\t2097148\t\t0\t\t-2\n"
				"/dev/sda2                               partition\t1\t\t0\t\t-3\n");
	EXPECT_EQ(m.verdict(sda2), "opening /dev/sdx: used as swap");
	EXPECT_EQ(m.verdict(sda), "opening /dev/sdx: its partition sda2 is used as swap");
	EXPECT_EQ(m.verdict(sda1), "fine");
}

TEST(device_checks, a_held_device_is_refused_with_its_holder)
{
	machine m;
	m.add_holder("sda/sda1", "dm-0", "vg-root");
	m.add_holder("sda/sda2", "md127", "");
	EXPECT_EQ(m.verdict(sda1), "opening /dev/sdx: held by dm-0 (vg-root)");
	EXPECT_EQ(m.verdict(sda2), "opening /dev/sdx: held by md127");
	EXPECT_EQ(m.verdict(sda), "opening /dev/sdx: its partition sda1 is held by dm-0 (vg-root)");
}

TEST(device_checks, a_partition_of_a_held_disk_is_refused)
{
	machine m;
	m.add_holder("sda", "dm-3", "mpatha");
	EXPECT_EQ(m.verdict(sda2), "opening /dev/sdx: its disk sda is held by dm-3 (mpatha)");
}

TEST(device_checks, a_read_only_device_is_refused)
{
	machine m;
	write_file(m.sys("sda/sda1") / "ro", "1\n");
	EXPECT_EQ(m.verdict(sda1), "opening /dev/sdx: read-only");
	EXPECT_EQ(m.verdict(sda2), "fine");
}

TEST(device_checks, a_partition_of_a_read_only_disk_is_refused)
{
	machine m;
	write_file(m.sys("sda") / "ro", "1\n");
	EXPECT_EQ(m.verdict(sda2), "opening /dev/sdx: read-only");
}

TEST(device_checks, a_device_that_is_too_small_is_refused_with_both_sizes)
{
	machine const m;
	EXPECT_EQ(m.verdict(sda1, sda1_size + 1),
		"opening /dev/sdx: the device has 1048576 bytes, the image needs 1048577");
	EXPECT_EQ(check_device_size("/dev/sda1", 1048576, 2097152).error().text,
		"opening /dev/sda1: the device has 1048576 bytes, the image needs 2097152");
	EXPECT_TRUE(check_device_size("/dev/sda1", 2097152, 2097152));
}

TEST(device_checks, a_device_that_sys_does_not_know_is_still_found_among_the_mounts)
{
	machine m;
	block_device_id const unknown{7, 3};
	EXPECT_EQ(m.verdict(unknown, UINT64_MAX), "fine");
	m.set_mounts("36 22 7:3 / /mnt rw - ext4 /dev/loop3 rw\n");
	EXPECT_EQ(m.verdict(unknown), "opening /dev/sdx: mounted on /mnt");
}

TEST(device_checks, lists_that_are_missing_are_no_reason_to_refuse)
{
	machine const m;
	std::filesystem::remove_all(m.proc());
	EXPECT_EQ(m.verdict(sda), "fine");
}

TEST(device_checks, the_process_that_has_a_device_open_is_named)
{
	machine m;
	m.add_process("77", "other", "/dev/sda11");
	m.add_process("123", "fsck\x1b.ext4", "/dev/sda1");
	std::filesystem::create_directories(m.proc() / "irq/fd");
	EXPECT_EQ(device_holder(sda1, m.files()), "open in fsck?.ext4 (process 123)");
	EXPECT_EQ(device_holder(sda, m.files()), "its partition sda1 is open in fsck?.ext4 (process 123)");
	EXPECT_EQ(device_holder(sda2, m.files()), std::nullopt);
	m.add_process("124", "rawswarm", "/dev/sda");
	EXPECT_EQ(device_holder(sda2, m.files()), "its disk sda is open in rawswarm (process 124)");
}

TEST(device_checks, a_mount_in_another_namespace_is_named_with_a_process_of_it)
{
	machine m;
	auto const add = [&m](std::string const& id, std::string const& space, std::string const& mounts) {
		write_file(m.proc() / id / "comm", "bash\n");
		write_file(m.proc() / id / "mountinfo", mounts);
		std::filesystem::create_directories(m.proc() / id / "ns");
		std::filesystem::create_symlink(space, m.proc() / id / "ns/mnt");
	};
	add("self", "mnt:[1]", "");
	add("77", "mnt:[1]", "36 22 8:1 / /ours rw - ext4 /dev/sda1 rw\n");
	add("123", "mnt:[2]", "36 22 8:1 / /theirs rw - ext4 /dev/sda1 rw\n");
	EXPECT_EQ(device_use(sda1, m.files()), std::nullopt);
	EXPECT_EQ(device_holder(sda1, m.files()), "mounted on /theirs in the namespace of bash (process 123)");
	EXPECT_EQ(device_holder(sda, m.files()),
		"its partition sda1 is mounted on /theirs in the namespace of bash (process 123)");
}

TEST(device_checks, a_loop_device_that_is_attached_to_a_device_or_a_file_is_named)
{
	machine m;
	write_file(m.block() / "loop3/loop/backing_file", "/dev/sda1\n");
	write_file(m.block() / "loop4/loop/backing_file", "/home/disk.img\n");
	EXPECT_EQ(m.use(sda1), "attached to loop3");
	EXPECT_EQ(m.use(sda), "its partition sda1 is attached to loop3");
	EXPECT_EQ(m.use(sda2), "free");
	EXPECT_EQ(attached_loop("/home/disk.img", m.files()), "attached to loop4");
	EXPECT_EQ(attached_loop("/home/other.img", m.files()), std::nullopt);
}

TEST(device_checks, a_link_is_named_together_with_its_target)
{
	temp_dir const dir;
	auto const real = std::filesystem::canonical(dir.path()).string();
	write_file(real + "/disk", "");
	std::filesystem::create_symlink("disk", real + "/link");
	EXPECT_EQ(device_label(real + "/link"), real + "/link (" + real + "/disk)");
	EXPECT_EQ(device_label(real + "/disk"), real + "/disk");
	EXPECT_EQ(device_label(real + "/./disk"), real + "/./disk");
	EXPECT_EQ(device_label(real + "/missing"), real + "/missing");
}

TEST(device_checks, a_path_to_neither_device_file_nor_folder_is_named)
{
	EXPECT_TRUE(check_file_type("x", S_IFBLK));
	EXPECT_TRUE(check_file_type("x", S_IFREG | 0644));
	EXPECT_TRUE(check_file_type("x", S_IFDIR | 0755));
	auto const reason = [](mode_t mode) { return check_file_type("/dev/tty", mode).error().text; };
	std::string const rest = ", and neither a block device, an image file nor a folder";
	EXPECT_EQ(reason(S_IFCHR | 0666), "opening /dev/tty: a character device" + rest);
	EXPECT_EQ(reason(S_IFIFO), "opening /dev/tty: a fifo" + rest);
	EXPECT_EQ(reason(S_IFSOCK), "opening /dev/tty: a socket" + rest);
}

TEST(device_checks, a_path_below_dev_is_known_under_every_name)
{
	temp_dir const dir;
	std::filesystem::create_directory_symlink("/dev", dir / "devices");
	std::filesystem::create_directory_symlink("/dev/pts", dir / "pts");
	for (std::string const& path : {std::string("/dev/sdq"), std::string("//dev//sdq"),
			 std::string("/dev/./sdq"), std::string("/dev/no/such/folder"), std::string("/tmp/../dev/sdq"),
			 dir / "devices/sdq", dir / "pts/../sdq"})
	{
		EXPECT_TRUE(is_below_dev(path)) << path;
	}
	for (std::string const& path : {std::string("/devices/sdq"), std::string("/"), std::string("/dev"),
			 dir / "sdq", std::string("image"), std::string()})
	{
		EXPECT_FALSE(is_below_dev(path)) << path;
	}
}

} // namespace rawswarm
