// SPDX-License-Identifier: BSD-3-Clause
// An HTTP server in a thread of its own, and clients that say what they like to it, byte by byte. For tests.
#pragma once

#include "agent/http_server/http_server.hpp"
#include "tests/support/base/value_of.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <sys/socket.h>

namespace rawswarm::test
{

using boost::asio::ip::tcp;

inline http_reply echo_path(http_question const& question)
{
	return make_reply(question.path == "/missing" ? 404 : 200, "path " + std::string(question.path));
}

// The server in a thread of its own.
class running_server
{
public:
	explicit running_server(http_server_options options = {}, http_handler handler = echo_path)
		: m_server(std::make_unique<http_server>(m_ios, std::move(options), std::move(handler)))
	{
		EXPECT_TRUE(m_server->listen(value_of(parse_endpoint("127.0.0.1:0"))).has_value());
		m_port = m_server->bound().port();
		m_thread = std::thread([this] { m_ios.run(); });
	}

	~running_server()
	{
		run([this] { m_server.reset(); });
		m_thread.join(); // nothing keeps the io_context busy any more
	}

	running_server(running_server const&) = delete;
	running_server& operator=(running_server const&) = delete;

	// f in the server's thread, to its end.
	template <class F>
	void run(F f)
	{
		std::atomic<bool> done{false};
		boost::asio::post(m_ios, [&] {
			f();
			done = true;
			done.notify_one();
		});
		done.wait(false);
	}

	std::size_t connections()
	{
		std::size_t n = 0;
		run([&] { n = m_server->connections(); });
		return n;
	}

	http_server& server() { return *m_server; }
	std::uint16_t port() const { return m_port; }

private:
	boost::asio::io_context m_ios;
	std::unique_ptr<http_server> m_server;
	std::uint16_t m_port = 0;
	std::thread m_thread;
};

class raw_client
{
public:
	explicit raw_client(running_server const& server, char const* from = "127.0.0.1")
	{
		m_socket.open(tcp::v4());
		m_socket.bind({boost::asio::ip::make_address(from), 0});
		m_socket.connect({boost::asio::ip::address_v4::loopback(), server.port()});
		timeval const limit{10, 0};
		::setsockopt(m_socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	}

	raw_client& send(std::string_view text)
	{
		boost::system::error_code ignored; // the server may have closed it
		boost::asio::write(m_socket, boost::asio::buffer(text), ignored);
		return *this;
	}

	// Up to and including the text; all that came if the server closed the connection before.
	std::string read_until(std::string_view text)
	{
		while (m_read.find(text) == std::string::npos && read_some())
		{}
		auto const at = m_read.find(text);
		auto const n = at == std::string::npos ? m_read.size() : at + text.size();
		auto part = m_read.substr(0, n);
		m_read.erase(0, n);
		return part;
	}

	// Until the server closes the connection.
	std::string read_all()
	{
		while (read_some())
		{}
		return std::move(m_read);
	}

	// Whether the server closed it, after whatever comes.
	bool is_closed()
	{
		while (read_some())
		{}
		return m_closed;
	}

	tcp::socket& socket() { return m_socket; }

private:
	bool read_some()
	{
		std::array<char, 4096> part{};
		auto const n = ::recv(m_socket.native_handle(), part.data(), part.size(), 0);
		m_closed = n == 0 || (n < 0 && errno == ECONNRESET);
		m_read.append(part.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
		return n > 0;
	}

	boost::asio::io_context m_ios;
	tcp::socket m_socket{m_ios};
	std::string m_read;
	bool m_closed = false;
};

// The first line.
inline std::string status_of(std::string const& answer)
{
	return answer.substr(0, answer.find('\r'));
}

} // namespace rawswarm::test
