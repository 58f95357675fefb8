// SPDX-License-Identifier: BSD-3-Clause
// The agent's side of its socket: takes requests, and gives each its answer.
//
// Called by the thread of the io_context, which also calls the handler. Nobody who connects can hold it up:
// there are 16 clients at most, of whom each has five seconds for its request of at most 4 KiB, and five to
// take its answer; others are turned away, and so is every user but root and the agent's own.
#pragma once

#include "agent/control/control_message.hpp"
#include "agent/control/control_socket.hpp"
#include "base/lifetime.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace rawswarm
{

// Sends an answer, a line with its newline: at once as far as the client takes it, the rest by the
// io_context. The client's connection is open until all copies of this are gone, answered or not.
using control_reply = std::function<void(std::string line)>;

class control_server
{
public:
	static constexpr int max_clients = 16;
	static constexpr std::chrono::seconds client_limit{5};

	// May answer later, or never.
	using handler = std::function<void(control_request const& request, control_reply const& reply)>;

	control_server(boost::asio::io_context& ios, listening_socket socket, handler on_request);
	control_server(control_server const&) = delete;
	control_server& operator=(control_server const&) = delete;
	~control_server(); // before the io_context

	std::string const& path() const { return m_socket->path(); }

	// Removes the socket. Clients that wait for an answer still do.
	void close();

private:
	class connection;

	void wait();
	void accept();

	boost::asio::io_context& m_ios;
	boost::asio::local::stream_protocol::acceptor m_acceptor;
	boost::asio::steady_timer m_pause; // after an error
	std::optional<listening_socket> m_socket; // none once it is closed
	handler m_on_request;
	std::shared_ptr<int> m_clients = std::make_shared<int>(0); // how many there are
	lifetime m_lifetime;
};

} // namespace rawswarm
