// SPDX-License-Identifier: BSD-3-Clause
// An http or https server on 127.0.0.1 that answers with the bytes that a test gives it, right or wrong.
//
// A thread of its own serves one connection at a time, one request each. Members may be called from any
// thread; the handler is called in the server's. All clients must be closed before it is destroyed.
#pragma once

#include "tests/support/network/certificates.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm::test
{

enum class after_reply
{
	close, // in order, with TLS after a close_notify
	cut, // with TLS without a close_notify, otherwise as close
	hold, // nothing more, until the client closes
	drip, // a byte every 10 ms, until the client closes
};

struct reply
{
	std::string bytes; // status line, headers and body, sent as they are
	after_reply then = after_reply::close;
};

using http_request = boost::beast::http::request<boost::beast::http::string_body>;
using reply_maker = std::function<reply(http_request const&)>;

// A well-formed answer of status 200 with this body.
reply ok_reply(std::string const& body);

// An answer without body. headers: whole lines, each with its end.
reply empty_reply(std::string const& status, std::string const& headers = {});

// Always the same answer.
reply_maker always(reply const& made);

// An answer per target; 404 for all others.
reply_maker by_target(std::map<std::string, reply> const& replies);

class loopback_server
{
public:
	// port: 0: one that is free.
	explicit loopback_server(reply_maker make, std::uint16_t port = 0);
	loopback_server(reply_maker make, tls_identity const& tls);
	~loopback_server();
	loopback_server(loopback_server const&) = delete;
	loopback_server& operator=(loopback_server const&) = delete;

	std::uint16_t port() const;

	// "http://127.0.0.1:PORT" (or https) + target. host: another name of this machine.
	std::string url(std::string const& target, std::string const& host = "127.0.0.1") const;

	// All requests so far.
	std::vector<http_request> requests() const;

private:
	void accept();
	void serve(boost::asio::ip::tcp::socket& client);
	template <class Stream>
	void answer_one(Stream& stream);

	reply_maker m_make;
	std::optional<boost::asio::ssl::context> m_tls;
	boost::asio::io_context m_context;
	boost::asio::ip::tcp::acceptor m_acceptor;
	mutable std::mutex m_mutex;
	std::vector<http_request> m_requests;
	std::thread m_thread;
};

// Accepts connections and never answers: the kernel completes them, and nobody calls accept().
class silent_server
{
public:
	silent_server();
	std::uint16_t port() const;

private:
	boost::asio::io_context m_context;
	boost::asio::ip::tcp::acceptor m_acceptor;
};

} // namespace rawswarm::test
