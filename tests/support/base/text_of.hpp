// SPDX-License-Identifier: BSD-3-Clause
// A result as one text, for tests that compare what an error says.
#pragma once

#include "base/result.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawswarm::test
{

// "fine", or the error's text. An error of another kind fails the test.
template <class T>
std::string text_of(result<T> const& done, fault kind = fault::target)
{
	if (done)
	{
		return "fine";
	}
	EXPECT_EQ(done.error().kind, kind) << done.error().text;
	return done.error().text;
}

} // namespace rawswarm::test
