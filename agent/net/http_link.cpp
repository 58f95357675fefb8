// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/http_link.hpp"

#include <boost/asio/post.hpp>

namespace rawswarm
{

result<void> http_link::connect(address_list const& addresses, std::uint16_t const port)
{
	error_code ec;
	auto left = static_cast<clock::rep>(addresses.size());
	for (auto const& address : addresses)
	{
		// An address that does not answer must leave time for those after it.
		auto const now = clock::now();
		auto const share = (m_until - now) / left--;
		ec = finish(now + share, [&](auto handler) {
			m_socket.async_connect(boost::asio::ip::tcp::endpoint(address, port), handler);
		});
		if (!ec)
		{
			return success();
		}
		close();
	}
	return fail(fault::network, ec, "connecting to {} port {}", addresses.back().to_string(), port);
}

void http_link::close()
{
	error_code ignored; // the socket is closed either way
	m_socket.close(ignored);
}

void http_link::stop()
{
	m_stopped = true; // first: an operation that begins without seeing it is ended by what follows
	boost::asio::post(m_context, [this] { close(); });
}

} // namespace rawswarm
