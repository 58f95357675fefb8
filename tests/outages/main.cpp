// SPDX-License-Identifier: BSD-3-Clause
// These tests run in namespaces of their own, as others run beside them: neither ports nor network cards nor
// the sockets of agents in /run are shared. Without root, or the right to make namespaces, they are skipped.
#include "tests/support/base/isolation.hpp"
#include "tests/support/base/throw_errno.hpp"
#include "tests/support/network/own_network.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <exception>
#include <memory>

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{

class no_namespaces : public ::testing::Environment
{
public:
	void SetUp() override { GTEST_SKIP() << "no right to make namespaces"; }
};

// Tried by a child, as it cannot be taken back.
bool may_make_namespaces()
{
	auto const child = ::fork();
	if (child == 0)
	{
		::_exit(::unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET) == 0 ? 0 : 1);
	}
	int status = 1;
	return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

int run_alone()
{
	if (::mount("run", "/run", "tmpfs", 0, "mode=0755") != 0)
	{
		rawswarm::test::throw_errno("mounting a /run");
	}
	rawswarm::test::own_network::ip("link set lo up");
	return RUN_ALL_TESTS();
}

} // namespace

int main(int argc, char** argv)
{
	try
	{
		::testing::InitGoogleTest(&argc, argv);
		if (GTEST_FLAG_GET(list_tests))
		{
			return RUN_ALL_TESTS();
		}
		if (!may_make_namespaces())
		{
			::testing::AddGlobalTestEnvironment(
				std::make_unique<no_namespaces>().release()); // googletest owns it
			return RUN_ALL_TESTS();
		}
		return rawswarm::test::run_isolated(run_alone);
	}
	catch (std::exception const& e)
	{
		std::fprintf(stderr, "%s\n", e.what());
		return 1;
	}
}
