// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/metrics_file.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

namespace rawswarm
{

using namespace std::chrono_literals;

TEST(metrics_file, is_written_anew_every_five_seconds_and_leaves_nothing_beside_it)
{
	test::temp_dir const dir;
	metrics_file file(dir / "rawswarm.prom");
	fleet_clock::time_point const start{1h};
	EXPECT_TRUE(file.check().has_value());
	EXPECT_TRUE(file.is_due(start));
	file.write("a 1\n", start);
	EXPECT_FALSE(file.is_due(start + 4s));
	EXPECT_TRUE(file.is_due(start + 5s));
	file.write("a 2\n", start + 5s);
	EXPECT_EQ(test::read_file(dir / "rawswarm.prom"), "a 2\n");
	auto const entries = std::filesystem::directory_iterator(dir.path());
	EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(metrics_file, a_name_that_the_collector_would_not_read_is_refused)
{
	test::temp_dir const dir;
	auto const checked = metrics_file(dir / "metrics.txt").check();
	ASSERT_FALSE(checked.has_value());
	EXPECT_EQ(checked.error().kind, fault::usage);
}

TEST(metrics_file, a_folder_that_is_not_there_is_refused)
{
	auto const checked = metrics_file("/nonexistent/rawswarm.prom").check();
	ASSERT_FALSE(checked.has_value());
	EXPECT_EQ(checked.error().kind, fault::target);
}

TEST(metrics_file, a_folder_that_goes_away_and_comes_back_is_written_to_again)
{
	test::temp_dir const dir;
	std::filesystem::path const folder(dir / "textfile");
	std::filesystem::create_directory(folder);
	metrics_file file(folder / "rawswarm.prom");
	fleet_clock::time_point const start{1h};
	std::filesystem::remove(folder);
	file.write("a 1\n", start);
	std::filesystem::create_directory(folder);
	file.write("a 2\n", start + 5s);
	EXPECT_EQ(test::read_file(folder / "rawswarm.prom"), "a 2\n");
}

} // namespace rawswarm
