// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_power.hpp"

#include <gtest/gtest.h>

#include <linux/capability.h>

namespace rawswarm
{
namespace
{

// Ports below 1024, and what is another user's.
capability_set const of_all{CAP_NET_BIND_SERVICE, CAP_DAC_OVERRIDE};
capability_set const of_disks{CAP_NET_BIND_SERVICE, CAP_DAC_OVERRIDE, CAP_SYS_ADMIN, CAP_SYS_PTRACE};

manifest job_with(target_role const role)
{
	manifest job;
	job.targets.emplace_back().role = role;
	return job;
}

TEST(job_power, a_seeder_may_open_ports_and_sources_and_no_more)
{
	auto const power = power_of(job_with(target_role::seed));
	EXPECT_EQ(power.capabilities.bits(), of_all.bits());
	EXPECT_FALSE(power.starts_any_program);
}

TEST(job_power, what_writes_or_captures_a_disk_may_administer_it)
{
	EXPECT_EQ(power_of(job_with(target_role::image)).capabilities.bits(), of_disks.bits());
	manifest tables;
	tables.partition_tables.emplace_back();
	EXPECT_EQ(power_of(tables).capabilities.bits(), of_disks.bits());
	manifest volumes;
	volumes.volumes.emplace_back();
	EXPECT_EQ(power_of(volumes).capabilities.bits(), of_disks.bits());
	manifest capture;
	capture.capture.emplace();
	EXPECT_EQ(power_of(capture).capabilities.bits(), of_disks.bits());
}

TEST(job_power, files_in_an_image_may_have_the_owner_of_those_that_they_replace)
{
	auto job = job_with(target_role::image);
	job.targets.front().files.emplace_back();
	auto wanted = of_disks;
	wanted.add({CAP_CHOWN, CAP_FOWNER, CAP_FSETID});
	EXPECT_EQ(power_of(job).capabilities.bits(), wanted.bits());
}

TEST(job_power, a_boot_entry_may_replace_what_the_kernel_guards)
{
	auto job = job_with(target_role::image);
	job.targets.front().boot_entry.emplace();
	auto wanted = of_disks;
	wanted.add({CAP_LINUX_IMMUTABLE, CAP_FOWNER});
	EXPECT_EQ(power_of(job).capabilities.bits(), wanted.bits());
}

TEST(job_power, programs_behind_an_image_keep_the_powers_of_who_started_the_job)
{
	auto job = job_with(target_role::image);
	job.after.emplace_back();
	auto const power = power_of(job);
	EXPECT_TRUE(power.starts_any_program);
	EXPECT_TRUE(power.capabilities.has(CAP_KILL));
	EXPECT_FALSE(power.capabilities.has(CAP_CHOWN));
}

} // namespace
} // namespace rawswarm
