// SPDX-License-Identifier: BSD-3-Clause
// A TCP port of 127.0.0.1 that is free at this moment.
#pragma once

#include <cstdint>

namespace rawswarm::test
{

std::uint16_t free_port();

} // namespace rawswarm::test
