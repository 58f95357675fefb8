// SPDX-License-Identifier: BSD-3-Clause
// What is read of an agent below /proc must be that agent's.
#include "tests/support/base/isolation.hpp"
#include "tests/support/base/skip.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include <unistd.h>

namespace rawswarm::test
{

TEST(isolation, shows_the_processes_of_its_own_namespace_in_proc)
{
	SKIP_WITHOUT_ROOT();
	EXPECT_EQ(std::filesystem::read_symlink("/proc/self").string(), std::to_string(::getpid()));
	EXPECT_EQ(::getpid(), 1);
}

} // namespace rawswarm::test
