// SPDX-License-Identifier: BSD-3-Clause
// Bytes that look random and are the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace rawswarm::test
{

std::string random_bytes(std::uint64_t seed, std::size_t count);

} // namespace rawswarm::test
