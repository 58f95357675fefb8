// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/device_probe.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;
using test::temp_dir;
using test::write_file;

// A machine's /sys, laid out as the kernel does it. Folders are relative to devices/.
class machine
{
public:
	machine() { fs::create_directories(m_dir / "sys/dev/block"); }

	void add_disk(std::string const& folder, std::string const& number, std::string const& rotational)
	{
		add(folder, number);
		write_file(devices() / folder / "queue/rotational", rotational + "\n");
	}

	void add_partition(std::string const& folder, std::string const& number)
	{
		add(folder, number);
		write_file(devices() / folder / "partition", "1\n");
	}

	// The bus or class that the disk's `device` belongs to.
	void set_bus(std::string const& folder, std::string const& bus)
	{
		auto const subsystem = m_dir.path() / "sys/bus" / bus;
		fs::create_directories(subsystem);
		fs::create_directories(devices() / folder / "device");
		fs::create_directory_symlink(subsystem, devices() / folder / "device/subsystem");
	}

	void add_slave(std::string const& folder, std::string const& below)
	{
		auto const slaves = devices() / folder / "slaves";
		fs::create_directories(slaves);
		fs::create_directory_symlink(devices() / below, slaves / fs::path(below).filename());
	}

	void set_backing_file(std::string const& folder, std::string const& path)
	{
		write_file(devices() / folder / "loop/backing_file", path + "\n");
	}

	device_kind kind(unsigned const major, unsigned const minor) const
	{
		return kind_of(block_device_id{major, minor}, files());
	}

	kernel_files files() const { return {m_dir / "proc", m_dir / "sys"}; }
	temp_dir const& dir() const { return m_dir; }

private:
	fs::path devices() const { return m_dir.path() / "sys/devices"; }

	void add(std::string const& folder, std::string const& number)
	{
		write_file(devices() / folder / "dev", number + "\n");
		fs::create_directory_symlink(devices() / folder, m_dir.path() / "sys/dev/block" / number);
	}

	temp_dir m_dir;
};

constexpr char const* sda = "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda";
constexpr char const* nvme = "pci0000:00/0000:01:00.0/nvme/nvme0/nvme0n1";
constexpr char const* nvme_2 = "pci0000:00/0000:02:00.0/nvme/nvme1/nvme1n1";

std::string below(char const* disk, char const* partition)
{
	return std::string(disk) + "/" + partition;
}

} // namespace

TEST(device_probe, a_hard_disk_and_its_partition_rotate)
{
	machine m;
	m.add_disk(sda, "8:0", "1");
	m.add_partition(below(sda, "sda1"), "8:1");
	m.set_bus(sda, "scsi");
	EXPECT_EQ(m.kind(8, 0), device_kind::hdd);
	EXPECT_EQ(m.kind(8, 1), device_kind::hdd);
}

TEST(device_probe, a_sata_ssd_and_its_partition_do_not_rotate)
{
	machine m;
	m.add_disk(sda, "8:0", "0");
	m.add_partition(below(sda, "sda1"), "8:1");
	m.set_bus(sda, "scsi");
	EXPECT_EQ(m.kind(8, 0), device_kind::sata_ssd);
	EXPECT_EQ(m.kind(8, 1), device_kind::sata_ssd);
}

TEST(device_probe, nvme_is_known_by_its_name_and_so_is_its_partition)
{
	machine m;
	m.add_disk(nvme, "259:0", "0");
	m.add_partition(below(nvme, "nvme0n1p2"), "259:2");
	EXPECT_EQ(m.kind(259, 0), device_kind::nvme);
	EXPECT_EQ(m.kind(259, 2), device_kind::nvme);
}

TEST(device_probe, nvme_behind_several_paths_is_nvme)
{
	machine m;
	m.add_disk("virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "259:0", "0");
	EXPECT_EQ(m.kind(259, 0), device_kind::nvme);
}

TEST(device_probe, nvme_of_another_name_is_known_by_its_subsystem)
{
	for (auto const* subsystem : {"nvme", "nvme-subsystem"})
	{
		machine m;
		m.add_disk("pci0000:00/0000:01:00.0/disk0", "259:0", "0");
		EXPECT_EQ(m.kind(259, 0), device_kind::sata_ssd);
		m.set_bus("pci0000:00/0000:01:00.0/disk0", subsystem);
		EXPECT_EQ(m.kind(259, 0), device_kind::nvme) << subsystem;
	}
}

TEST(device_probe, a_hard_disk_with_nvme_is_a_hard_disk)
{
	machine m;
	m.add_disk(nvme, "259:0", "1");
	EXPECT_EQ(m.kind(259, 0), device_kind::hdd);
}

TEST(device_probe, virtio_and_xen_are_virtual_although_they_say_that_they_rotate)
{
	machine m;
	m.add_disk("pci0000:00/0000:00:05.0/virtio2/block/vda", "254:0", "1");
	m.add_partition("pci0000:00/0000:00:05.0/virtio2/block/vda/vda1", "254:1");
	m.add_disk("vbd-51712/block/xvda", "202:0", "1");
	m.add_disk("pci0000:00/0000:00:06.0/virtio3/block/disk1", "254:16", "1");
	m.set_bus("pci0000:00/0000:00:06.0/virtio3/block/disk1", "virtio");
	EXPECT_EQ(m.kind(254, 0), device_kind::virtual_disk);
	EXPECT_EQ(m.kind(254, 1), device_kind::virtual_disk);
	EXPECT_EQ(m.kind(202, 0), device_kind::virtual_disk);
	EXPECT_EQ(m.kind(254, 16), device_kind::virtual_disk);
}

TEST(device_probe, a_memory_card_is_like_a_sata_ssd)
{
	machine m;
	m.add_disk("platform/mmc0/mmc0:0001/block/mmcblk0", "179:0", "0");
	m.add_partition("platform/mmc0/mmc0:0001/block/mmcblk0/mmcblk0p1", "179:1");
	m.set_bus("platform/mmc0/mmc0:0001/block/mmcblk0", "mmc");
	EXPECT_EQ(m.kind(179, 0), device_kind::sata_ssd);
	EXPECT_EQ(m.kind(179, 1), device_kind::sata_ssd);
}

TEST(device_probe, a_loop_is_of_the_kind_of_the_disk_that_holds_its_file)
{
	machine m;
	auto const file = m.dir() / "image";
	write_file(file, "x");
	struct stat status = {};
	ASSERT_EQ(::stat(file.c_str(), &status), 0);
	auto const id = block_device_id::of(status.st_dev);
	m.add_disk(sda, std::to_string(id.major_number) + ":" + std::to_string(id.minor_number), "1");
	m.add_disk("virtual/block/loop0", "7:0", "0");
	m.set_backing_file("virtual/block/loop0", file);
	EXPECT_EQ(m.kind(7, 0), device_kind::hdd);
}

TEST(device_probe, a_loop_over_no_disk_or_a_removed_file_or_nothing_is_virtual)
{
	machine m;
	write_file(m.dir() / "image", "x");
	for (auto const& backing : {m.dir() / "image", m.dir() / "image (deleted)", std::string()})
	{
		machine n;
		n.add_disk("virtual/block/loop0", "7:0", "1");
		n.set_backing_file("virtual/block/loop0", backing);
		EXPECT_EQ(n.kind(7, 0), device_kind::virtual_disk) << backing;
	}
}

TEST(device_probe, a_mapped_device_on_a_partition_of_a_hard_disk_rotates)
{
	machine m;
	m.add_disk(sda, "8:0", "1");
	m.add_partition(below(sda, "sda1"), "8:1");
	m.add_disk("virtual/block/dm-0", "253:0", "0");
	m.add_slave("virtual/block/dm-0", below(sda, "sda1"));
	EXPECT_EQ(m.kind(253, 0), device_kind::hdd);
}

TEST(device_probe, an_array_of_nvme_and_its_partition_are_nvme)
{
	machine m;
	m.add_disk(nvme, "259:0", "0");
	m.add_disk(nvme_2, "259:1", "0");
	m.add_disk("virtual/block/md0", "9:0", "0");
	m.add_partition("virtual/block/md0/md0p1", "259:9");
	m.add_slave("virtual/block/md0", nvme);
	m.add_slave("virtual/block/md0", nvme_2);
	EXPECT_EQ(m.kind(9, 0), device_kind::nvme);
	EXPECT_EQ(m.kind(259, 9), device_kind::nvme);
}

TEST(device_probe, a_mapped_device_on_an_array_is_of_the_kind_of_the_slowest_disk)
{
	machine m;
	m.add_disk(sda, "8:0", "0");
	m.add_disk(nvme, "259:0", "0");
	m.add_disk("virtual/block/md0", "9:0", "0");
	m.add_disk("virtual/block/dm-0", "253:0", "0");
	m.add_slave("virtual/block/md0", nvme);
	m.add_slave("virtual/block/md0", sda);
	m.add_slave("virtual/block/dm-0", "virtual/block/md0");
	EXPECT_EQ(m.kind(253, 0), device_kind::sata_ssd);

	machine n;
	n.add_disk(sda, "8:0", "1");
	n.add_disk(nvme, "259:0", "0");
	n.add_disk("virtual/block/md0", "9:0", "0");
	n.add_slave("virtual/block/md0", nvme);
	n.add_slave("virtual/block/md0", sda);
	EXPECT_EQ(n.kind(9, 0), device_kind::hdd);
}

TEST(device_probe, devices_that_lie_on_each_other_come_to_an_end)
{
	machine m;
	m.add_disk("virtual/block/dm-0", "253:0", "1");
	m.add_disk("virtual/block/dm-1", "253:1", "1");
	m.add_slave("virtual/block/dm-0", "virtual/block/dm-1");
	m.add_slave("virtual/block/dm-1", "virtual/block/dm-0");
	EXPECT_EQ(m.kind(253, 0), device_kind::virtual_disk);
}

TEST(device_probe, devices_that_the_kernel_makes_and_those_that_say_nothing_are_virtual)
{
	machine m;
	m.add_disk("virtual/block/zram0", "252:0", "0");
	m.add_disk("virtual/block/nbd0", "43:0", "1");
	m.add_partition("platform/odd/block/odd0/odd0p1", "250:1");
	EXPECT_EQ(m.kind(252, 0), device_kind::virtual_disk);
	EXPECT_EQ(m.kind(43, 0), device_kind::virtual_disk);
	EXPECT_EQ(m.kind(250, 1), device_kind::virtual_disk);
	EXPECT_EQ(m.kind(99, 9), device_kind::virtual_disk);
}

TEST(device_probe, files_folders_and_missing_paths_are_image_files)
{
	temp_dir const dir;
	write_file(dir / "image", "x");
	EXPECT_EQ(kind_of(dir / "image"), device_kind::image_file);
	EXPECT_EQ(kind_of(dir.path().string()), device_kind::image_file);
	EXPECT_EQ(kind_of(dir / "missing"), device_kind::image_file);
}

TEST(device_profile, every_kind_has_a_word_and_a_profile_that_can_work)
{
	for (auto const kind : {device_kind::hdd, device_kind::sata_ssd, device_kind::nvme,
			 device_kind::virtual_disk, device_kind::image_file})
	{
		auto const p = profile_for(kind);
		EXPECT_EQ(p.kind, kind);
		EXPECT_EQ(device_kind_from(to_string(kind)), kind);
		EXPECT_GE(p.writers, 1) << to_string(kind);
		EXPECT_GE(p.readers, 1) << to_string(kind);
		EXPECT_LE(p.min_blocks, p.max_blocks) << to_string(kind);
	}
	EXPECT_FALSE(device_kind_from("tape"));
	EXPECT_FALSE(device_kind_from(""));
}

TEST(device_profile, a_hard_disk_has_one_writer_and_nvme_has_many)
{
	EXPECT_EQ(profile_for(device_kind::hdd).writers, 1);
	EXPECT_EQ(profile_for(device_kind::hdd).readers, 1);
	EXPECT_EQ(profile_for(device_kind::hdd).timeout, std::chrono::milliseconds(150));
	EXPECT_EQ(profile_for(device_kind::nvme).writers, 4);
	EXPECT_EQ(profile_for(device_kind::nvme).readers, 8);
}

} // namespace rawswarm
