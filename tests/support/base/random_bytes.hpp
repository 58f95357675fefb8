// SPDX-License-Identifier: BSD-3-Clause
// Pseudo-random bytes, the same in every run for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace rawswarm::test
{

std::string random_bytes(std::uint64_t seed, std::size_t count);

} // namespace rawswarm::test
