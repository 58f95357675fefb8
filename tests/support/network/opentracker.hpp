// SPDX-License-Identifier: BSD-3-Clause
// An ordinary BitTorrent tracker (Debian's opentracker) on a host of a room, for one torrent.
//
// It runs from construction to destruction. Errors are thrown, also if the tracker does not start.
#pragma once

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/network/room.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace rawswarm::test
{

class opentracker
{
public:
	static bool is_installed() { return program_exists("opentracker"); }

	opentracker(room const& hosts, std::size_t host, std::string const& torrent);

	// "http://ADDRESS:PORT/announce", or udp.
	std::string url(std::string const& scheme) const;

private:
	void wait_until_it_listens(room const& hosts);

	temp_dir m_dir;
	std::size_t m_host;
	std::unique_ptr<child_process> m_process;
};

} // namespace rawswarm::test
