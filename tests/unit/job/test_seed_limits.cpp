// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/seed_limits.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace rawswarm
{
namespace
{

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t image_size = 1000;

manifest_seed_until no_limit()
{
	manifest_seed_until until;
	until.idle = seconds(0);
	return until;
}

manifest_seed_until all_limits()
{
	manifest_seed_until until;
	until.idle = seconds(15);
	until.total = seconds(60);
	until.ratio = 1.5;
	return until;
}

seeding_so_far served(milliseconds since_done, milliseconds since_upload, std::int64_t uploaded,
	target_role role = target_role::image)
{
	return {role, since_done, since_upload, uploaded, image_size};
}

constexpr milliseconds just_before(seconds s)
{
	return milliseconds(s) - milliseconds(1);
}

} // namespace

TEST(seed_limits, an_image_without_limits_serves_nobody)
{
	EXPECT_TRUE(has_served(no_limit(), served({}, {}, 0)));
}

TEST(seed_limits, an_image_leaves_when_it_was_idle_for_long_enough)
{
	auto until = no_limit();
	until.idle = seconds(15);
	EXPECT_FALSE(has_served(until, served(seconds(299), just_before(seconds(15)), 0)));
	EXPECT_FALSE(has_served(until, served(seconds(299), {}, 100 * image_size)));
	EXPECT_TRUE(has_served(until, served(seconds(15), seconds(15), 0)));
}

TEST(seed_limits, an_image_leaves_after_so_many_seconds_busy_or_not)
{
	auto until = no_limit();
	until.total = seconds(60);
	EXPECT_FALSE(has_served(until, served(just_before(seconds(60)), just_before(seconds(60)), 0)));
	EXPECT_TRUE(has_served(until, served(seconds(60), {}, 0)));
}

TEST(seed_limits, an_image_leaves_after_so_many_images_sent)
{
	auto until = no_limit();
	until.ratio = 1.5;
	EXPECT_FALSE(has_served(until, served(hours(9), hours(9), 1499)));
	EXPECT_TRUE(has_served(until, served({}, {}, 1500)));
}

TEST(seed_limits, the_first_of_several_limits_ends_an_image)
{
	auto const until = all_limits();
	EXPECT_FALSE(has_served(until, served(just_before(seconds(60)), just_before(seconds(15)), 1499)));
	EXPECT_TRUE(has_served(until, served(seconds(60), {}, 0)));
	EXPECT_TRUE(has_served(until, served(seconds(15), seconds(15), 0)));
	EXPECT_TRUE(has_served(until, served({}, {}, 1500)));
}

TEST(seed_limits, a_seed_leaves_for_seconds_and_ratio_and_never_for_being_idle)
{
	auto const seed = target_role::seed;
	EXPECT_FALSE(has_served(manifest_seed_until(), served(hours(9), hours(9), 0, seed)));
	EXPECT_FALSE(has_served(no_limit(), served(hours(9), hours(9), 100 * image_size, seed)));
	EXPECT_FALSE(has_served(all_limits(), served(just_before(seconds(60)), seconds(59), 1499, seed)));
	EXPECT_TRUE(has_served(all_limits(), served(seconds(60), {}, 0, seed)));
	EXPECT_TRUE(has_served(all_limits(), served({}, {}, 1500, seed)));
}

TEST(seed_limits, forever_outlasts_every_limit)
{
	for (auto until : {no_limit(), all_limits()})
	{
		until.forever = true;
		for (auto const role : {target_role::image, target_role::seed})
		{
			EXPECT_FALSE(has_served(
				until, served(hours(10'000), hours(10'000), std::numeric_limits<std::int64_t>::max(), role)));
		}
	}
}

TEST(seeding_times, idle_time_counts_from_the_last_block_that_was_sent)
{
	using clock = seeding_times::clock;
	clock::time_point const start{hours(1000)};
	seeding_times times;
	times.update(10, start - seconds(9)); // before it was done
	times.begin(start);
	times.update(10, start + seconds(2));
	auto so_far = times.so_far(target_role::image, image_size, start + seconds(3));
	EXPECT_EQ(so_far.since_done, seconds(3));
	EXPECT_EQ(so_far.since_upload, seconds(3));
	EXPECT_EQ(so_far.uploaded, 10);
	EXPECT_EQ(so_far.size, image_size);

	times.update(16394, start + seconds(4));
	so_far = times.so_far(target_role::seed, image_size, start + seconds(6));
	EXPECT_EQ(so_far.role, target_role::seed);
	EXPECT_EQ(so_far.since_done, seconds(6));
	EXPECT_EQ(so_far.since_upload, seconds(2));
	EXPECT_EQ(so_far.uploaded, 16394);
}

TEST(seed_limits, an_image_that_is_asked_again_and_again_leaves_in_the_end)
{
	auto until = no_limit();
	until.idle = seconds(15);
	auto busy = served(just_before(seconds(300)), {}, 100 * image_size);
	busy.needy_peers = 1;
	EXPECT_FALSE(has_served(until, busy));
	busy.since_done = seconds(300);
	EXPECT_TRUE(has_served(until, busy));
	busy.since_joined = seconds(1300); // it took a thousand seconds to get it
	EXPECT_FALSE(has_served(until, busy));
	busy.since_done = seconds(2000);
	busy.since_joined = seconds(3000);
	EXPECT_TRUE(has_served(until, busy));
	until.total = seconds(4000); // takes the place of that end
	EXPECT_FALSE(has_served(until, busy));
}

TEST(seeding_times, next_to_nothing_is_idle)
{
	seeding_times::clock::time_point const start{hours(1000)};
	seeding_times times;
	times.begin(start);
	for (int second = 1; second <= 30; ++second)
	{
		times.update(500 * second, start + seconds(second));
	}
	EXPECT_EQ(times.so_far(target_role::image, image_size, start + seconds(30)).since_upload, seconds(30));
	times.update(500 * 30 + 16384 * 2, start + seconds(31));
	EXPECT_EQ(times.so_far(target_role::image, image_size, start + seconds(31)).since_upload, seconds(0));
}

TEST(seed_limits, an_image_that_nobody_needs_leaves_at_once_unless_the_job_says_how_long_it_waits)
{
	auto until = manifest_seed_until();
	auto alone = served(seconds(0), seconds(0), 0);
	alone.since_joined = seconds(2);
	EXPECT_TRUE(has_served(until, alone));
	alone.since_joined = just_before(seconds(2)); // nobody has had the time to find it
	EXPECT_FALSE(has_served(until, alone));
	alone.since_joined = hours(1);
	alone.needy_peers = 1;
	EXPECT_FALSE(has_served(until, alone));
	alone.needy_peers = 0;
	alone.role = target_role::seed;
	EXPECT_FALSE(has_served(until, alone));

	alone.role = target_role::image;
	until.leave_unneeded = false; // idle_seconds is in the job
	EXPECT_FALSE(has_served(until, alone));
	alone.since_upload = seconds(15);
	EXPECT_TRUE(has_served(until, alone));
}

TEST(seed_limits, seconds_alone_are_kept_although_nobody_needs_the_image)
{
	auto until = no_limit();
	until.total = seconds(60);
	auto alone = served(just_before(seconds(60)), hours(1), 0);
	alone.since_joined = hours(1);
	EXPECT_FALSE(has_served(until, alone));
}

TEST(seed_limits, what_an_image_waits_for_is_told)
{
	auto s = served({}, {}, 0);
	s.needy_peers = 2;
	EXPECT_EQ(serves_until({}, s),
		"serves until 2 peers that lack something have all or nobody has asked for 15 s");
	s.needy_peers = 1;
	EXPECT_EQ(
		serves_until({}, s), "serves until 1 peer that lacks something has all or nobody has asked for 15 s");
	auto until = all_limits();
	until.leave_unneeded = false;
	EXPECT_EQ(serves_until(until, s),
		"serves until nobody has asked for 15 s or 60 s are over or 1.5 copies are sent");
	s.role = target_role::seed;
	EXPECT_EQ(serves_until(until, s), "");
}

} // namespace rawswarm
