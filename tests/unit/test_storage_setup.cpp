#include "agent/storage_setup.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace rawswarm
{
namespace
{

constexpr std::int64_t mebibyte = 1024 * 1024;
constexpr std::int64_t gibibyte = 1024 * mebibyte;

} // namespace

TEST(storage_setup, automatic_memory_is_a_quarter_of_the_machine)
{
	EXPECT_EQ(automatic_memory(gibibyte), 256 * mebibyte);
	EXPECT_EQ(automatic_memory(2 * gibibyte + 400), 512 * mebibyte + 100);
}

TEST(storage_setup, automatic_memory_keeps_its_bounds_on_small_and_large_machines)
{
	EXPECT_EQ(automatic_memory(0), 32 * mebibyte);
	EXPECT_EQ(automatic_memory(128 * mebibyte), 32 * mebibyte);
	EXPECT_EQ(automatic_memory(128 * mebibyte + 4), 32 * mebibyte + 1);
	EXPECT_EQ(automatic_memory(4 * gibibyte - 4), gibibyte - 1);
	EXPECT_EQ(automatic_memory(4 * gibibyte), gibibyte);
	EXPECT_EQ(automatic_memory(std::numeric_limits<std::int64_t>::max()), gibibyte);
}

TEST(storage_setup, what_the_job_asks_for_is_taken)
{
	manifest_storage wanted;
	wanted.memory = 77 * mebibyte;
	wanted.threads = 9;
	auto const settings = make_storage_settings(wanted);
	EXPECT_EQ(settings.memory, std::size_t(77 * mebibyte));
	EXPECT_EQ(settings.io_threads, 9);
}

TEST(storage_setup, a_job_that_asks_for_nothing_gets_usable_settings)
{
	auto const settings = make_storage_settings({});
	EXPECT_GE(settings.memory, std::size_t(32 * mebibyte));
	EXPECT_LE(settings.memory, std::size_t(gibibyte));
	EXPECT_EQ(settings.io_threads, storage_settings().io_threads);
	EXPECT_GE(settings.hash_threads, 1);
	EXPECT_LE(settings.hash_threads, 4);
}

} // namespace rawswarm
