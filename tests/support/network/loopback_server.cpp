// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/loopback_server.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>

#include <array>
#include <chrono>
#include <type_traits>
#include <utility>

namespace rawswarm::test
{

namespace
{

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds drip_interval{10};

asio::ssl::context make_context(tls_identity const& tls)
{
	asio::ssl::context context(asio::ssl::context::tls_server);
	context.use_certificate(asio::buffer(tls.certificate), asio::ssl::context::pem);
	context.use_private_key(asio::buffer(tls.key), asio::ssl::context::pem);
	return context;
}

template <class Stream>
void hold(Stream& stream)
{
	error_code ec;
	std::array<char, 64> ignored{};
	while (!ec)
	{
		stream.read_some(asio::buffer(ignored), ec);
	}
}

template <class Stream>
void drip(Stream& stream)
{
	asio::io_context context;
	error_code ec;
	while (!ec)
	{
		asio::write(stream, asio::buffer(".", 1), ec);
		asio::steady_timer timer(context, drip_interval);
		timer.wait();
	}
}

} // namespace

reply ok_reply(std::string const& body)
{
	return {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
}

reply empty_reply(std::string const& status, std::string const& headers)
{
	return {"HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n" + headers + "\r\n"};
}

reply_maker always(reply const& made)
{
	return [made](http_request const&) { return made; };
}

reply_maker by_target(std::map<std::string, reply> const& replies)
{
	return [replies](http_request const& request) {
		auto const found = replies.find(std::string(request.target()));
		return found == replies.end() ? empty_reply("404 Not Found") : found->second;
	};
}

loopback_server::loopback_server(reply_maker make, std::uint16_t const port)
	: m_make(std::move(make))
	, m_acceptor(m_context, tcp::endpoint(asio::ip::address_v4::loopback(), port))
{
	accept();
	m_thread = std::thread([this] { m_context.run(); });
}

loopback_server::loopback_server(reply_maker make, tls_identity const& tls)
	: m_make(std::move(make))
	, m_tls(make_context(tls))
	, m_acceptor(m_context, tcp::endpoint(asio::ip::address_v4::loopback(), 0))
{
	accept();
	m_thread = std::thread([this] { m_context.run(); });
}

loopback_server::~loopback_server()
{
	m_context.stop();
	m_thread.join();
}

std::uint16_t loopback_server::port() const
{
	return m_acceptor.local_endpoint().port();
}

std::string loopback_server::url(std::string const& target, std::string const& host) const
{
	return (m_tls ? "https://" : "http://") + host + ":" + std::to_string(port()) + target;
}

std::vector<http_request> loopback_server::requests() const
{
	std::lock_guard const lock(m_mutex);
	return m_requests;
}

void loopback_server::accept()
{
	m_acceptor.async_accept([this](error_code ec, tcp::socket client) {
		if (!ec)
		{
			serve(client);
		}
		accept();
	});
}

void loopback_server::serve(tcp::socket& client)
{
	if (!m_tls)
	{
		answer_one(client);
		return;
	}
	asio::ssl::stream<tcp::socket&> stream(client, *m_tls);
	error_code ec;
	stream.handshake(asio::ssl::stream_base::server, ec);
	if (!ec)
	{
		answer_one(stream);
	}
}

template <class Stream>
void loopback_server::answer_one(Stream& stream)
{
	error_code ec;
	boost::beast::flat_buffer buffer;
	http_request request;
	boost::beast::http::read(stream, buffer, request, ec);
	if (ec)
	{
		return;
	}
	{
		std::lock_guard const lock(m_mutex);
		m_requests.push_back(request);
	}
	auto const made = m_make(request);
	asio::write(stream, asio::buffer(made.bytes), ec);
	if (made.then == after_reply::hold)
	{
		hold(stream);
	}
	else if (made.then == after_reply::drip)
	{
		drip(stream);
	}
	else if constexpr (std::is_same_v<Stream, tcp::socket>)
	{
		stream.shutdown(tcp::socket::shutdown_send, ec);
		hold(stream); // closing while bytes of the client are unread would reset the connection
	}
	else if (made.then == after_reply::close)
	{
		stream.shutdown(ec);
	}
}

silent_server::silent_server()
	: m_acceptor(m_context, tcp::endpoint(asio::ip::address_v4::loopback(), 0))
{}

std::uint16_t silent_server::port() const
{
	return m_acceptor.local_endpoint().port();
}

} // namespace rawswarm::test
