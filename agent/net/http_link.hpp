// SPDX-License-Identifier: BSD-3-Clause
// A TCP connection whose asynchronous operations run one at a time, each to its end or to the deadline: calls
// look blocking and never block for longer. For http_get and the connections to web seeds.
//
// One thread calls; only stop() may come from another. After close() it may be connected anew.
#pragma once

#include "agent/net/name_lookup.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace rawswarm
{

// Bytes of an answer's headers: far more than servers send, and far too few to do harm.
constexpr std::uint32_t http_header_limit = 64 * 1024;

class http_link
{
public:
	using clock = std::chrono::steady_clock;
	using error_code = boost::system::error_code;

	explicit http_link(clock::time_point until)
		: m_until(until)
	{}

	boost::asio::ip::tcp::socket& socket() { return m_socket; }

	// For operations that begin from now on.
	void set_deadline(clock::time_point until) { m_until = until; }

	// Tries the addresses, of which there is at least one, in turn until one answers. fault::network.
	result<void> connect(address_list const& addresses, std::uint16_t port);

	// start(handler) begins one operation with this handler. Past the deadline: timed_out, and the connection
	// is closed.
	template <class Start>
	error_code finish(Start&& start)
	{
		return finish(m_until, std::forward<Start>(start));
	}

	void close();

	// Ends the running operation with operation_aborted; no other can begin. Any thread.
	void stop();
	bool stopped() const { return m_stopped; }

private:
	template <class Start>
	error_code finish(clock::time_point until, Start&& start)
	{
		if (m_stopped)
		{
			return boost::asio::error::operation_aborted;
		}
		std::optional<error_code> outcome;
		start([&outcome](error_code ec, auto const&...) { outcome = ec; });
		m_context.restart();
		m_context.run_until(until);
		if (outcome)
		{
			return *outcome;
		}
		// Without its socket the operation ends at once. It must, as it refers to this frame.
		close();
		m_context.run();
		return boost::asio::error::timed_out;
	}

	clock::time_point m_until;
	std::atomic<bool> m_stopped{false};
	boost::asio::io_context m_context{1};
	boost::asio::ip::tcp::socket m_socket{m_context};
};

} // namespace rawswarm
