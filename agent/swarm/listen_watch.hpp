// SPDX-License-Identifier: BSD-3-Clause
// Compares what libtorrent's session listens on with what the job asks for.
//
// libtorrent opens a socket at each address of the machine that the job's endpoints cover, and again at every
// address that comes up later. It takes another port where the port is taken, and it is silent where the
// machine has no address to listen at. To a job both are errors: nobody would find it.
//
// Pure: the caller brings what libtorrent reports, and the time.
#pragma once

#include "agent/net/endpoint.hpp"
#include "base/result.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace rawswarm
{

class listen_watch
{
public:
	using clock = std::chrono::steady_clock;
	using address = boost::asio::ip::tcp::endpoint;

	listen_watch(std::vector<endpoint> wanted, clock::time_point now);

	// A socket was opened. Returns false if its port is not the one that the job asks for, as that is taken.
	bool opened(address const& a);

	// No socket could be opened at the address.
	void failed(address const& a, std::error_code const& why);

	// What to do about all that was told so far. A warning is given once; nothing follows the error. Call it
	// every second: time in which it was not called, as on a machine that was suspended or too busy, tells
	// nothing of its addresses, as what libtorrent had to say has waited as well.
	struct verdict
	{
		std::optional<error> fatal;
		std::vector<std::string> warnings;
	};
	verdict judge(clock::time_point now);

	// For the display; empty: it listens.
	std::string waits_for() const;

private:
	struct failure
	{
		address at;
		std::error_code why;
	};

	error describe(failure const& f) const;

	std::vector<endpoint> m_wanted;
	clock::time_point m_begin;
	clock::time_point m_last_look; // of judge()
	clock::duration m_looked{}; // since the beginning, without long pauses
	std::vector<failure> m_failures; // not judged yet
	bool m_listens = false;
	bool m_is_over = false; // the error was given
};

} // namespace rawswarm
