// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/watch/open_pages.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <deque>
#include <string_view>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

namespace rawswarm::bench
{

open_pages::open_pages(std::uint16_t const port, unsigned const count)
	: m_thread([this, port, count] { run(port, count); })
{}

open_pages::~open_pages()
{
	m_stop = true;
	m_thread.join();
}

void open_pages::run(std::uint16_t const port, unsigned const count)
{
	using boost::asio::ip::tcp;
	constexpr std::string_view request = "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
	boost::asio::io_context ios;
	std::deque<tcp::socket> sockets;
	std::vector<pollfd> ready;
	for (unsigned i = 0; i < count; ++i)
	{
		auto& socket = sockets.emplace_back(ios);
		socket.connect({boost::asio::ip::address_v4::loopback(), port});
		boost::asio::write(socket, boost::asio::buffer(request));
		if (i > 0) // the first one reads nothing
		{
			ready.push_back({socket.native_handle(), POLLIN, 0});
		}
	}
	std::vector<char> part(std::size_t(1024) * 1024);
	while (!m_stop)
	{
		::poll(ready.data(), ready.size(), 100);
		for (auto& socket : ready)
		{
			auto const n = socket.revents != 0 ? ::recv(socket.fd, part.data(), part.size(), 0) : 0;
			m_bytes += n > 0 ? static_cast<std::uint64_t>(n) : 0;
			if (socket.revents != 0 && n <= 0)
			{
				socket.fd = -1; // it has ended
			}
		}
	}
}

} // namespace rawswarm::bench
