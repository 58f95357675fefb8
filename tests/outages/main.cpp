// SPDX-License-Identifier: BSD-3-Clause
// These tests run in namespaces of their own, as others run beside them: neither ports nor network cards are
// shared.
#include "tests/support/base/isolation.hpp"
#include "tests/support/network/own_network.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <exception>

#include <unistd.h>

int main(int argc, char** argv)
{
	using namespace rawswarm::test;
	try
	{
		::testing::InitGoogleTest(&argc, argv);
		if (::geteuid() != 0 || GTEST_FLAG_GET(list_tests))
		{
			return RUN_ALL_TESTS();
		}
		return run_isolated([] {
			own_network::ip("link set lo up");
			return RUN_ALL_TESTS();
		});
	}
	catch (std::exception const& e)
	{
		std::fprintf(stderr, "%s\n", e.what());
		return 1;
	}
}
