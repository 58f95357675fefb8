// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/base/random_bytes.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace rawswarm::test
{

std::string random_bytes(std::uint64_t seed, std::size_t count)
{
	std::mt19937_64 generator(seed);
	std::string bytes(count, '\0');
	for (std::size_t at = 0; at < count; at += sizeof(std::uint64_t))
	{
		std::uint64_t const word = generator();
		std::memcpy(bytes.data() + at, &word, std::min(sizeof(word), count - at));
	}
	return bytes;
}

} // namespace rawswarm::test
