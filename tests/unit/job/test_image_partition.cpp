// SPDX-License-Identifier: BSD-3-Clause
// Which partition of which disk a volume means, while the image that brings it is not there yet.
#include "agent/job/image_partition.hpp"
#include "agent/manifest/parse_device.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/loop_device.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace rawswarm
{
namespace
{

constexpr std::uint64_t mebibyte = 1024 * 1024;

// Two disks that exist, since paths are compared by what they lead to. The first gets an image.
class image_partitions : public ::testing::Test
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT_LOOP_DEVICES();
		for (auto& loop : m_loops)
		{
			loop = std::make_unique<test::loop_device>(mebibyte);
		}
		imaged = {first()};
	}

	std::string const& first() const { return m_loops[0]->path(); }
	std::string const& second() const { return m_loops[1]->path(); }
	std::string brought(std::string const& partition) const { return first() + ", " + partition; }

	// As the job has it, in JSON or as a path. "none": no partition that an image brings.
	std::string meant(std::string const& device) const
	{
		auto const named = test::value_of(parse_device(device, json_location::of_flag("device")));
		auto const found = image_partition(named.name, named.selector, imaged, [this] { return disks(); });
		return !found ? found.error().text : found.value() ? describe(*found.value()) : "none";
	}

	std::vector<std::string> imaged;
	std::string second_label = "data";

private:
	disk_info disk(std::size_t const number, std::string const& label) const
	{
		disk_info d;
		d.path = m_loops[number]->path();
		struct stat status = {};
		EXPECT_EQ(::stat(d.path.c_str(), &status), 0);
		d.id = block_device_id::of(status.st_rdev);
		d.size = (1 + number) * mebibyte;
		d.serial = "S" + std::to_string(number);
		d.bus = "loop";
		d.made_by_kernel = true;
		d.partitions = {{1, d.path + "p1", {}, 0, 512, label, "uuid-1"}};
		return d;
	}

	std::vector<disk_info> disks() const { return {disk(0, "old"), disk(1, second_label)}; }

	std::array<std::unique_ptr<test::loop_device>, 2> m_loops;
};

} // namespace

TEST_F(image_partitions, are_meant_by_a_path_or_by_a_selector_of_their_disk)
{
	EXPECT_EQ(meant(first() + "p3"), brought("partition 3"));
	EXPECT_EQ(meant(R"({"path": ")" + first() + R"p(p3"})p"), brought("partition 3"));
	EXPECT_EQ(meant(R"({"path": ")" + first() + R"(", "partition": 3})"), brought("partition 3"));
	EXPECT_EQ(meant(R"({"bus": "loop", "serial": "S0", "partlabel": "seed"})"), brought("partlabel seed"));
	EXPECT_EQ(meant(R"({"bus": "loop", "partuuid": "uuid-2"})"), brought("partuuid uuid-2"));
	EXPECT_EQ(meant(R"({"bus": "loop", "choose": "smallest", "partition": 1})"), brought("partition 1"));
}

TEST_F(image_partitions, are_meant_by_a_selector_that_says_nothing_of_a_disk)
{
	EXPECT_EQ(meant(R"({"partlabel": "data"})"), brought("partlabel data")) << "whatever other disks have";
	EXPECT_EQ(meant(R"({"partition": 1, "wait_seconds": 3})"), brought("partition 1"));
	imaged.push_back(second());
	EXPECT_NE(meant(R"({"partlabel": "data"})").find("it must say which disk"), std::string::npos);
	imaged.clear();
	EXPECT_EQ(meant(R"({"partlabel": "data"})"), "none");
}

TEST_F(image_partitions, are_not_meant_by_what_names_another_device)
{
	EXPECT_EQ(meant(second() + "p3"), "none");
	EXPECT_EQ(meant(first()), "none");
	EXPECT_EQ(meant(first() + "0"), "none") << "the name of another disk";
	EXPECT_EQ(meant("disk.img"), "none");
	EXPECT_EQ(meant(R"({"bus": "loop", "serial": "S0"})"), "none");
	EXPECT_EQ(meant(R"({"bus": "loop", "serial": "S1", "partlabel": "data"})"), "none");
}

TEST_F(image_partitions, are_refused_where_another_disk_could_be_meant)
{
	for (auto const* const device : {R"({"bus": "loop", "partlabel": "data"})",
			 R"({"bus": "loop", "partition": 1})", R"({"bus": "loop", "choose": "largest", "partition": 1})"})
	{
		EXPECT_NE(meant(device).find("it must say which disk"), std::string::npos) << meant(device);
	}
	imaged.push_back(second());
	EXPECT_NE(meant(R"({"bus": "loop", "partlabel": "seed"})").find("must say which"), std::string::npos);
}

TEST_F(image_partitions, are_not_named_by_links_which_lead_elsewhere_afterwards)
{
	test::temp_dir const dir;
	test::run_checked({"addpart", first(), "1", "8", "64"});
	std::filesystem::create_symlink(first() + "p1", dir / "by-partlabel");
	EXPECT_NE(meant(dir / "by-partlabel").find("a link to " + first() + "p1, which an image replaces"),
		std::string::npos);
	std::filesystem::create_symlink(first(), dir / "by-id");
	imaged = {dir / "by-id"};
	EXPECT_EQ(meant(first() + "p1"), (dir / "by-id") + ", partition 1");
}

TEST(partition_numbers, follow_the_names_of_the_kernel)
{
	EXPECT_EQ(partition_number("/dev/sda3", "/dev/sda"), 3);
	EXPECT_EQ(partition_number("/dev/sdaa3", "/dev/sda"), std::nullopt);
	EXPECT_EQ(partition_number("/dev/sdap3", "/dev/sda"), std::nullopt);
	EXPECT_EQ(partition_number("/dev/nvme0n1p12", "/dev/nvme0n1"), 12);
	EXPECT_EQ(partition_number("/dev/nvme0n12", "/dev/nvme0n1"), std::nullopt) << "another disk";
	EXPECT_EQ(partition_number("/dev/nvme0n1", "/dev/nvme0n1"), std::nullopt);
	EXPECT_EQ(partition_number("/dev/nvme0n1p", "/dev/nvme0n1"), std::nullopt);
	EXPECT_EQ(partition_number("", "/dev/sda"), std::nullopt);
}

} // namespace rawswarm
