// SPDX-License-Identifier: BSD-3-Clause
// Skipping a test on a machine that lacks something it needs.
//
// Macros, because GTEST_SKIP returns from the function that it stands in.
#pragma once

#include "tests/support/base/child_process.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#define SKIP_WITHOUT(program) \
	if (!::rawswarm::test::program_exists(program)) \
	GTEST_SKIP() << "no " << (program)

#define SKIP_WITHOUT_ROOT() \
	if (::geteuid() != 0) \
	GTEST_SKIP() << "not root"
