// SPDX-License-Identifier: BSD-3-Clause
// Waiting until another process listens on a port. Asks the kernel, so that the listener sees no connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace rawswarm::test
{

// "127.0.0.1:PORT"
std::string loopback(std::uint16_t port);

// True once a process listens on the TCP port of 127.0.0.1, false after the timeout.
bool wait_for_listener(std::uint16_t port, std::chrono::milliseconds timeout);

// The same for another IPv4 address of the network namespace that the main thread is in.
bool wait_for_listener(std::string const& address, std::uint16_t port, std::chrono::milliseconds timeout);

// The same for a UDP port of 127.0.0.1.
bool wait_for_udp_listener(std::uint16_t port, std::chrono::milliseconds timeout);

} // namespace rawswarm::test
