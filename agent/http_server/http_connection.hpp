// SPDX-License-Identifier: BSD-3-Clause
// One client of http_server: reads a request, answers it, and begins again.
//
// It lives as long as an operation of its own is under way or the server lists it, and calls nothing of the
// server's after close(). Thread: that of the io_context.
#pragma once

#include "agent/http_server/http_reply.hpp"
#include "agent/http_server/http_server_options.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// Of every wait of this folder: one type, as each costs the program some KiB.
using io_handler = std::function<void(boost::system::error_code const&)>;

// The line of the request and its headers; browsers and tools send one or two KiB.
inline constexpr std::size_t max_http_request_bytes = 8192;

class http_connection : public std::enable_shared_from_this<http_connection>
{
public:
	using clock = std::chrono::steady_clock;

	// options, handler: the server's, which outlive close(). on_end: called once, unless close() was called.
	http_connection(boost::asio::io_context& ios, http_server_options const& options,
		http_handler const& handler, std::function<void(http_connection*)> on_end);

	// The server accepts into it, before start().
	boost::asio::ip::tcp::socket& socket() { return m_socket; }

	void start();
	void close();

	// Sends the next part of its stream, if it has one and nothing is being sent.
	void wake();

	// Ends it if it is too late for what it waits for.
	void check_time(clock::time_point now);

	boost::asio::ip::address const& peer() const { return m_peer; }

private:
	using request_parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

	// Calls `next` once the socket can be read or written. All goes through here and never on at once, so
	// that a client that always has more to say takes turns with the others.
	void wait(boost::asio::ip::tcp::socket::wait_type what, void (http_connection::*next)());

	void begin_request();
	void read();
	void parse();
	void refuse(unsigned status, std::string text);
	http_reply reply_to(boost::beast::http::fields const& fields, std::string_view target);
	void answer(http_reply reply, bool head_only);
	void send(shared_text bytes);
	void write();
	void sent();
	void end();

	boost::asio::ip::tcp::socket m_socket;
	http_server_options const& m_options;
	http_handler const& m_handler;
	std::function<void(http_connection*)> m_on_end;
	boost::asio::ip::address m_peer;

	std::array<char, max_http_request_bytes> m_buffer{};
	std::size_t m_have = 0; // bytes in the buffer that belong to no request yet
	std::optional<request_parser> m_parser;
	std::string m_head;
	shared_text m_body;
	std::size_t m_written = 0; // bytes of the head and the body
	http_stream m_stream;
	bool m_sending = false;
	bool m_keeps = false; // the connection is kept for another request
	clock::time_point m_until; // of what is under way; max: no limit
};

} // namespace rawswarm
