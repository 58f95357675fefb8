// SPDX-License-Identifier: BSD-3-Clause
// A network of one machine for one test: a network namespace whose loopback interface is up. Needs root.
//
// The calling thread is inside from construction to destruction, and so is what it starts. Errors are thrown.
#pragma once

#include "tests/support/network/net_namespace.hpp"

#include <string>

namespace rawswarm::test
{

class own_network
{
public:
	own_network();

	// Runs `ip` with these arguments, separated by blanks.
	static void ip(std::string const& arguments);

	// Writes a file of /proc/sys/net, "ipv4/ip_local_port_range".
	static void set(std::string const& name, std::string const& value);

private:
	net_namespace m_namespace;
	net_namespace::visit m_inside{m_namespace};
};

} // namespace rawswarm::test
