// SPDX-License-Identifier: BSD-3-Clause
// One client of http_server: reads a request, answers it, and begins again.
//
// It lives as long as an operation of its own is under way or the server lists it, and uses nothing of the
// server's after close(). Thread: that of the io_context.
#pragma once

#include "agent/http_server/http_outgoing.hpp"
#include "agent/http_server/http_reply.hpp"
#include "agent/http_server/http_request.hpp"
#include "agent/http_server/http_shared.hpp"
#include "agent/http_server/pace.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// Of every wait of this folder: one type, as each costs the program some KiB.
using io_handler = std::function<void(boost::system::error_code const&)>;

class http_connection : public std::enable_shared_from_this<http_connection>
{
public:
	using clock = std::chrono::steady_clock;

	// shared: outlives close(). number: among those of the server; a later one has a greater one.
	http_connection(boost::asio::io_context& ios, http_shared& shared, std::uint64_t number);

	// The server accepts into it, before start().
	boost::asio::ip::tcp::socket& socket() { return m_socket; }

	void start();
	void close();

	// The same, and tells the server.
	void end();

	// Sends the next part of its stream, if it has one and nothing is being sent.
	void wake();

	// Ends it if it is too late for what it waits for, or its client is too slow.
	void check_time(clock::time_point now);

	std::uint64_t number() const { return m_number; }
	boost::asio::ip::address const& peer() const { return m_peer; }

	// Since when a text of it is held; empty: none is.
	std::optional<clock::time_point> holds_since() const;

private:
	using next_step = void (http_connection::*)();

	// Calls `next` once the socket can be read or written. All goes through here and never on at once, so
	// that a client that always has more to say takes turns with the others.
	void wait_to_read(next_step next);
	void wait_to_write();
	void wait(boost::asio::ip::tcp::socket::wait_type what, next_step next);

	void begin_request();
	void read();
	void parse();
	void take(std::size_t bytes);
	void begin_body();
	void read_body();
	void ask();
	void refuse(http_refusal const& why);
	void answer(http_reply reply);
	void send(http_outgoing&& what);
	void write();
	void sent();
	void linger();
	void drain();
	void drop_body();
	void drop_outgoing();

	boost::asio::ip::tcp::socket m_socket;
	http_shared* m_shared; // null: it is closed
	std::uint64_t m_number;
	boost::asio::ip::address m_peer;
	boost::asio::ip::address m_local;

	std::string m_buffer; // grows to max_http_request_bytes if a request does
	std::size_t m_have = 0; // bytes in the buffer that belong to no request yet
	std::optional<http_request> m_request; // until there is an answer
	std::string m_content; // of the request
	std::size_t m_lacks = 0; // bytes of it that have not come
	std::size_t m_counted = 0; // bytes of it that are in m_shared->held

	http_outgoing m_outgoing;
	http_stream m_stream;
	bool m_sending = false;
	bool m_keeps = false; // the connection is kept for another request
	bool m_lingers = false; // what was refused may still come

	clock::time_point m_until{}; // of what is waited for; max: no limit
	clock::time_point m_sends_since{};
	bool m_moves = false; // instead: bytes shall move
	pace m_pace;
};

} // namespace rawswarm
