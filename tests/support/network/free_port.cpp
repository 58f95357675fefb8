// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/free_port.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace rawswarm::test
{

std::uint16_t free_port()
{
	using boost::asio::ip::tcp;
	boost::asio::io_context ios;
	tcp::acceptor const acceptor(ios, {boost::asio::ip::address_v4::loopback(), 0});
	return acceptor.local_endpoint().port();
}

} // namespace rawswarm::test
