// SPDX-License-Identifier: BSD-3-Clause
// Finds the addresses of the job's peers.
//
// Names are looked up in threads of their own, each name by itself, so that a name server that is silent, or
// slow, delays nothing else, and its answer counts whenever it comes. A name that is not found is warned
// about once, again if the reason changes, and there is a line once it is found.
//
// Owned and called by one thread, that of the io_context, where the results are handed over too.
#pragma once

#include "agent/net/host_port.hpp"
#include "agent/net/name_lookup.hpp"
#include "base/run_blocking.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

class dialer
{
public:
	using handler = std::function<void(host_port const& peer, boost::asio::ip::tcp::endpoint const& address)>;

	// look: as lookup_host() takes it.
	dialer(boost::asio::io_context& ios, std::vector<host_port> const& peers, handler on_address,
		name_lookup look = system_lookup);
	~dialer(); // waits for no look-up; the handler is not called after it
	dialer(dialer const&) = delete;
	dialer& operator=(dialer const&) = delete;

	// Looks every peer up anew and hands over all of its addresses, except for those whose last look-up still
	// runs.
	void run();

	// "looking up server: unknown", of each name that is not known now, separated by semicolons.
	std::string reasons() const;

private:
	struct job_peer
	{
		host_port name;
		bool is_looked_up = false; // now
		std::string reason = {}; // why it was not found the last time; empty: it was
	};

	void look_up(std::size_t peer);
	void on_found(std::size_t peer, result<address_list> const& found);

	std::vector<job_peer> m_peers;
	handler m_on_address;
	name_lookup m_look;
	std::stop_source m_stop;
	boost::asio::thread_pool m_threads;
	blocking_scope m_scope; // last: its end waits for the look-ups that are under way
};

} // namespace rawswarm
