// SPDX-License-Identifier: BSD-3-Clause
// The short form of `toolchain/dev soak`: every kind of fault once or more.
#include "tests/support/base/random_seed.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/program/soak.hpp"

#include <gtest/gtest.h>

namespace rawswarm::test
{

namespace
{

// Two rounds through all kinds take it as long on two processors.
constexpr std::chrono::seconds short_form{60};

} // namespace

TEST(soak, room_that_images_again_and_again_has_right_disks_or_says_so_and_its_seeder_does_not_grow)
{
	SKIP_WITHOUT_ROOT();
	if (!fuse_available())
	{
		GTEST_SKIP() << "no FUSE";
	}
	auto const result = run_soak({.duration = short_form, .seed = random_seed(), .out = stdout});
	EXPECT_EQ(result.complaint, "");
	EXPECT_EQ(result.faults.size(), soak_kinds) << "not one of each in " << result.images << " images";
}

} // namespace rawswarm::test
