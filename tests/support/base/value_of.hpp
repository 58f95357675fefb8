// SPDX-License-Identifier: BSD-3-Clause
// The value of a result that must hold one. result::value() without one would end the whole test program.
#pragma once

#include "base/result.hpp"

#include <stdexcept>
#include <utility>

namespace rawswarm::test
{

// Throws the error's text, so that the test fails with it.
template <class T>
T value_of(result<T> from)
{
	if (!from)
	{
		throw std::runtime_error(from.error().text);
	}
	return std::move(from.value());
}

} // namespace rawswarm::test
