// SPDX-License-Identifier: BSD-3-Clause
// Counts attempts to connect to a host of a room: the TCP packets that open a connection, answered or not,
// since construction.
//
// One thread. Errors are thrown.
#pragma once

#include "base/unique_fd.hpp"
#include "tests/support/network/room.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace rawswarm::test
{

class dial_counter
{
public:
	dial_counter(room const& hosts, std::size_t host);

	int from(std::size_t host);

private:
	void receive();

	unique_fd m_socket;
	std::map<std::string, int> m_dials; // by address
};

} // namespace rawswarm::test
