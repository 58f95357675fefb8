// SPDX-License-Identifier: BSD-3-Clause
// TCP clients on loopback, each from an address of 127.0.0.0/8, which all are this machine's.
#pragma once

#include "base/unique_fd.hpp"

#include <cstdint>

namespace rawswarm::bench
{

// Not blocking; it may not be connected yet. network: the second number of its address; number: which of that
// network's, 0 to 62,499.
unique_fd connect_from(unsigned network, unsigned number, std::uint16_t port);

} // namespace rawswarm::bench
