// SPDX-License-Identifier: BSD-3-Clause
// Tells the agents of one machine apart. The first has number 1, one that is started beside it 2, and so on;
// a number is free again when its agent ends, however it ends, so that an agent that is started again has the
// one that it had.
//
// A number is held by a socket without a file: an abstract Unix address, which the kernel keeps per network
// namespace. Any thread.
#pragma once

#include "base/unique_fd.hpp"

#include <string>

namespace rawswarm
{

class agent_number
{
public:
	// The lowest number that no agent of the machine holds. machine: its identity. If none can be had it
	// is 1.
	explicit agent_number(std::string const& machine);

	int value() const { return m_value; }

private:
	unique_fd m_socket;
	int m_value = 1;
};

// What the beacons say as `agent`: the machine itself, or "52:54:00:12:34:56/2".
std::string agent_id(std::string const& machine, int number);

} // namespace rawswarm
