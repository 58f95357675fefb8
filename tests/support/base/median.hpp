// SPDX-License-Identifier: BSD-3-Clause
// The median of what was measured several times. Pure.
#pragma once

#include <algorithm>
#include <vector>

namespace rawswarm::test
{

// Of an even number the larger of the two in the middle. There has to be at least one.
template <class T>
T median(std::vector<T> values)
{
	auto const middle = values.begin() + std::ssize(values) / 2;
	std::ranges::nth_element(values, middle);
	return *middle;
}

} // namespace rawswarm::test
