// SPDX-License-Identifier: BSD-3-Clause
// A disk gets identifiers of its own, unless what boots from it names the old ones.
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/program/disk_imaging.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;

// A disk with an ext4 whose fstab is this, put on a device that already has its size.
class unique_disk
{
public:
	unique_disk(std::string const& label, std::string const& fstab)
		: m_source(m_dir / "source.img")
		, disk(24 * mib, {.partition_scan = true})
	{
		write_sparse_file(m_source, 24 * mib);
		run_sfdisk(m_source,
			"label: " + label + "\nstart=2048, size=32768, type=" + (label == "gpt" ? "linux" : "83") + "\n");
		source = read_partition_table(m_source).value().value();
		write_file(m_dir / "root/etc/fstab",
			fstab == "its own" ? "PARTUUID=" + source.partitions[0].uuid + " / ext4\n" : fstab);
		run_checked({"mkfs.ext4", "-q", "-F", "-d", m_dir / "root", "-E", "offset=1048576", m_source, "16M"});
	}

	run_result image(nlohmann::json const& unique)
	{
		return image_disk(m_dir, m_source, disk.path(), {{"unique", unique}});
	}

	partition_table table() const { return read_partition_table(disk.path()).value().value(); }

	partition_table source;

private:
	temp_dir m_dir;
	std::string m_source;

public:
	loop_device disk;
};

} // namespace

TEST(unique_disks, have_identifiers_of_their_own_and_are_else_the_same)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	for (auto const* const label : {"gpt", "dos"})
	{
		unique_disk d(label, "UUID=8d6f7b3e / ext4\n");
		ASSERT_TRUE(exits_with(d.image(true), exit_code::done)) << label;
		auto now = d.table();
		EXPECT_NE(now.id, d.source.id) << label;
		EXPECT_NE(now.partitions[0].uuid, d.source.partitions[0].uuid) << label;
		now.id = d.source.id;
		now.partitions[0].uuid = d.source.partitions[0].uuid;
		EXPECT_EQ(now, d.source) << label;
		EXPECT_EQ(known_partitions(d.disk.path()).size(), 1U);
		scoped_mount const mounted(d.disk.path() + "p1", "ext4");
		EXPECT_EQ(read_file(mounted / "etc/fstab"), "UUID=8d6f7b3e / ext4\n");
	}
}

TEST(unique_disks, keep_what_their_fstab_names_unless_told)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	unique_disk d("gpt", "its own");
	auto const refused = d.image(true);
	EXPECT_TRUE(exits_with(refused, exit_code::target));
	EXPECT_NE(
		refused.err.find("/etc/fstab on partition 1 names " + d.source.partitions[0].uuid), std::string::npos)
		<< refused.err;
	EXPECT_EQ(d.table(), d.source);
	EXPECT_TRUE(exits_with(d.image("anyway"), exit_code::done));
	EXPECT_NE(d.table().partitions[0].uuid, d.source.partitions[0].uuid);
}

} // namespace rawswarm::test
