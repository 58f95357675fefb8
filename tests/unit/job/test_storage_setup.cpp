// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/storage_setup.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rawswarm
{
namespace
{

constexpr std::int64_t mebibyte = std::int64_t(1024) * 1024;

} // namespace

TEST(storage_setup, what_the_job_asks_for_is_taken)
{
	manifest_storage wanted;
	wanted.memory = 77 * mebibyte;
	wanted.threads = 9;
	wanted.coalesce = {32, 8, std::chrono::milliseconds(7)};
	auto const settings = make_storage_settings(wanted);
	EXPECT_EQ(settings.memory, std::size_t(77 * mebibyte));
	EXPECT_EQ(settings.io_threads, 9);
	EXPECT_EQ(settings.coalesce.max_blocks, 32);
	EXPECT_EQ(settings.coalesce.min_blocks, 8);
	EXPECT_EQ(settings.coalesce.timeout, std::chrono::milliseconds(7));
}

TEST(storage_setup, a_job_that_asks_for_nothing_gets_usable_settings)
{
	auto const settings = make_storage_settings({});
	EXPECT_GE(settings.memory, std::size_t(4 * mebibyte));
	EXPECT_LE(settings.memory, std::size_t(1024 * mebibyte));
	EXPECT_EQ(settings.io_threads, 4);
	EXPECT_GE(settings.hash_threads, 1);
	EXPECT_LE(settings.hash_threads, 4);
	EXPECT_FALSE(settings.coalesce.max_blocks);
	EXPECT_FALSE(settings.coalesce.min_blocks);
	EXPECT_FALSE(settings.coalesce.timeout);
}

TEST(storage_setup, a_device_is_used_as_its_kind_asks_for)
{
	auto const p = make_profile(device_kind::nvme, {});
	auto const expected = profile_for(device_kind::nvme);
	EXPECT_EQ(p.kind, device_kind::nvme);
	EXPECT_EQ(p.writers, expected.writers);
	EXPECT_EQ(p.readers, expected.readers);
	EXPECT_EQ(p.max_blocks, expected.max_blocks);
	EXPECT_EQ(p.min_blocks, expected.min_blocks);
	EXPECT_EQ(p.timeout, expected.timeout);
	EXPECT_EQ(p.read_ahead_blocks, expected.read_ahead_blocks);
}

TEST(storage_setup, the_job_knows_the_kind_better)
{
	manifest_storage wanted;
	wanted.profile = device_kind::nvme;
	auto const p = make_profile(device_kind::hdd, wanted);
	EXPECT_EQ(p.kind, device_kind::nvme);
	EXPECT_EQ(p.writers, profile_for(device_kind::nvme).writers);
}

TEST(storage_setup, single_numbers_of_the_job_go_before_those_of_the_kind)
{
	manifest_storage wanted;
	wanted.writers = 7;
	wanted.read_ahead_blocks = 0;
	auto const p = make_profile(device_kind::hdd, wanted);
	EXPECT_EQ(p.kind, device_kind::hdd);
	EXPECT_EQ(p.writers, 7);
	EXPECT_EQ(p.read_ahead_blocks, 0);
	EXPECT_EQ(p.readers, profile_for(device_kind::hdd).readers);
}

TEST(storage_setup, one_limit_of_the_job_takes_the_other_of_the_profile_with_it)
{
	manifest_storage few;
	few.coalesce.max_blocks = 2;
	EXPECT_EQ(make_profile(device_kind::hdd, few).min_blocks, 2);
	manifest_storage many;
	many.coalesce.min_blocks = 1000;
	EXPECT_EQ(make_profile(device_kind::hdd, many).max_blocks, 1000);
}

TEST(storage_setup, there_is_a_thread_for_all_that_is_under_way_at_once)
{
	auto const hdd = profile_for(device_kind::hdd);
	auto const nvme = profile_for(device_kind::nvme);
	int const of_nvme = nvme.writers + nvme.readers;
	EXPECT_EQ(io_threads_for({}, {}), 4);
	EXPECT_EQ(io_threads_for(std::vector{hdd}, {}), 4);
	EXPECT_EQ(io_threads_for(std::vector{hdd, hdd, hdd}, {}), 6);
	EXPECT_EQ(io_threads_for(std::vector{nvme}, {}), of_nvme);
	EXPECT_EQ(io_threads_for(std::vector{nvme, hdd}, {}), of_nvme + 2);
	EXPECT_EQ(io_threads_for(std::vector(128, nvme), {}), 32);
}

TEST(storage_setup, the_jobs_own_number_of_threads_holds_whatever_the_targets_are)
{
	manifest_storage wanted;
	wanted.threads = 1;
	EXPECT_EQ(io_threads_for(std::vector{profile_for(device_kind::nvme)}, wanted), 1);
}

} // namespace rawswarm
