// SPDX-License-Identifier: BSD-3-Clause
// Finds the addresses of the job's peers.
//
// Names are looked up in a thread of their own, so that a silent name server delays nothing else. Owned and
// called by one thread, that of the io_context, where the results are handed over too.
#pragma once

#include "agent/net/host_port.hpp"
#include "agent/net/name_lookup.hpp"
#include "base/run_blocking.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <vector>

namespace rawswarm
{

class dialer
{
public:
	using handler = std::function<void(boost::asio::ip::tcp::endpoint const&)>;

	// look: as lookup_host() takes it.
	dialer(boost::asio::io_context& ios, std::vector<host_port> peers, handler on_address,
		name_lookup look = system_lookup);
	~dialer(); // waits for the look-up under way, 5 seconds at most; the handler is not called after it
	dialer(dialer const&) = delete;
	dialer& operator=(dialer const&) = delete;

	// Looks every peer up anew and hands over all of its addresses. Does nothing while the last round still
	// runs.
	void run();

private:
	void look_up_all(blocking_scope::poster const& post); // in m_thread

	std::vector<host_port> m_peers;
	handler m_on_address;
	name_lookup m_look;
	bool m_running = false;
	std::atomic<bool> m_stopping{false};
	boost::asio::thread_pool m_thread{1};
	blocking_scope m_scope; // last: its end waits for the round under way
};

} // namespace rawswarm
