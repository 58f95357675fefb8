// SPDX-License-Identifier: BSD-3-Clause
// All tests of rooms run in their own namespaces, so that nothing is left behind, however they end.
#include "tests/support/base/isolation.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <exception>

#include <unistd.h>

int main(int argc, char** argv)
{
	try
	{
		::testing::InitGoogleTest(&argc, argv);
		if (::geteuid() != 0 || GTEST_FLAG_GET(list_tests))
		{
			return RUN_ALL_TESTS();
		}
		return rawswarm::test::run_isolated([] { return RUN_ALL_TESTS(); });
	}
	catch (std::exception const& e)
	{
		std::fprintf(stderr, "%s\n", e.what());
		return 1;
	}
}
