// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/http_tracker.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace rawswarm::test
{

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

http_tracker::http_tracker()
	: m_acceptor(m_ios, {boost::asio::ip::address_v4::loopback(), 0})
{
	accept();
	m_thread = std::thread([this] { m_ios.run(); });
}

http_tracker::~http_tracker()
{
	m_ios.stop();
	m_thread.join();
}

std::string http_tracker::url() const
{
	return "http://127.0.0.1:" + std::to_string(port()) + "/announce";
}

std::uint16_t http_tracker::port() const
{
	return m_acceptor.local_endpoint().port();
}

void http_tracker::add_peer(std::uint16_t port)
{
	std::lock_guard const lock(m_mutex);
	m_peers.push_back(port);
}

void http_tracker::set_interval(int const seconds)
{
	std::lock_guard const lock(m_mutex);
	m_interval = std::to_string(seconds) + "e12:min intervali" + std::to_string(seconds);
}

void http_tracker::fall_silent()
{
	m_is_silent = true;
}

int http_tracker::announces() const
{
	std::lock_guard const lock(m_mutex);
	return m_announces;
}

void http_tracker::accept()
{
	m_acceptor.async_accept([this](boost::system::error_code ec, tcp::socket client) {
		if (!ec && m_is_silent)
		{
			m_unanswered.push_back(std::move(client));
		}
		else if (!ec)
		{
			answer(client);
		}
		accept();
	});
}

void http_tracker::answer(tcp::socket& client)
{
	boost::system::error_code ec;
	boost::beast::flat_buffer buffer;
	http::request<http::empty_body> request;
	http::read(client, buffer, request, ec);
	if (ec)
	{
		return;
	}
	http::response<http::string_body> response(http::status::ok, request.version());
	response.set(http::field::content_type, "text/plain");
	response.keep_alive(false);
	response.body() = body();
	response.prepare_payload();
	http::write(client, response, ec);
	client.shutdown(tcp::socket::shutdown_send, ec);
}

// Bencoded, with compact peers (BEP 23): four bytes of address, two bytes of port.
std::string http_tracker::body()
{
	std::lock_guard const lock(m_mutex);
	++m_announces;
	std::string peers;
	for (auto const port : m_peers)
	{
		peers += std::string("\x7f\0\0\x01", 4);
		peers += static_cast<char>(port >> 8);
		peers += static_cast<char>(port & 0xff);
	}
	return "d8:completei1e10:incompletei0e8:intervali" + m_interval + "e5:peers"
		+ std::to_string(peers.size()) + ":" + peers + "e";
}

} // namespace rawswarm::test
