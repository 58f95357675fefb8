// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/machine/disk_partitions.hpp"

#include "agent/machine/kernel_partitions.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/value_of.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

namespace rawswarm::test
{

partition_map partitions_of(partition_table const& table)
{
	partition_map found;
	for (auto const& part : table.partitions)
	{
		found[part.number] = {part.offset, part.length};
	}
	return found;
}

partition_map known_partitions(std::string const& disk)
{
	partition_map known;
	for (auto const& part : kernel_partitions("/sys/block" / std::filesystem::path(disk).filename()))
	{
		known[part.number] = {part.offset, part.length};
		EXPECT_EQ(part.node, disk + "p" + std::to_string(part.number));
		EXPECT_EQ(run_checked({"blockdev", "--getsize64", part.node}), std::to_string(part.length));
	}
	return known;
}

partition_table write_script(std::string const& disk, std::string const& script)
{
	auto const plan = value_of(plan_partition_table(disk, script));
	int changes = 0;
	auto const written = write_partition_table(disk, plan, std::chrono::seconds(10), [&] { ++changes; });
	EXPECT_TRUE(written) << written.error().text;
	EXPECT_EQ(changes, 1);
	return plan.table;
}

void run_sfdisk(std::string const& file, std::string const& script)
{
	child_options sfdisk;
	sfdisk.argv = {"sfdisk", "-q", file};
	sfdisk.stdin_text = script;
	ASSERT_EQ(run(sfdisk).exit_code, 0);
}

std::string sgdisk_verdict(std::string const& disk)
{
	auto const checked = run({"sgdisk", "--verify", disk});
	bool const is_clean = checked.exit_code == 0 && checked.out.find("No problems found") != std::string::npos
		&& checked.out.find("aution") == std::string::npos && checked.err.empty();
	return is_clean ? "clean" : checked.out + checked.err;
}

} // namespace rawswarm::test
