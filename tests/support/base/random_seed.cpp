// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/base/random_seed.hpp"

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace rawswarm::test
{

unsigned random_seed()
{
	static unsigned const seed = [] {
		char const* const given = std::getenv("RAWSWARM_SEED");
		return given ? static_cast<unsigned>(std::stoul(given)) : std::random_device()();
	}();
	std::cout << "RAWSWARM_SEED=" << seed << '\n';
	return seed;
}

} // namespace rawswarm::test
