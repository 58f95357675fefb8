// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/http_server.hpp"

#include "agent/http_server/http_connection.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <list>
#include <optional>
#include <utility>

namespace rawswarm
{

namespace
{

using boost::asio::ip::tcp;
using boost::system::error_code;

// How exactly the limits of time are kept.
constexpr std::chrono::milliseconds tick_interval{250};

// Whom one machine can be: of IPv6 its /64, of which it may have every address.
boost::asio::ip::address group_of(boost::asio::ip::address const& a)
{
	if (!a.is_v6() || a.to_v6().is_v4_mapped())
	{
		return a;
	}
	auto bytes = a.to_v6().to_bytes();
	std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t(0));
	return boost::asio::ip::address_v6(bytes);
}

} // namespace

// Operations of the acceptor and the timer keep it; after close() they do nothing.
struct http_server::impl : std::enable_shared_from_this<impl>
{
	impl(boost::asio::io_context& context, http_server_options o, http_handler h)
		: ios(context)
		, options(std::move(o))
		, handler(std::move(h))
		, acceptor(context)
		, timer(std::in_place, context)
	{}

	result<void> listen(endpoint const& where);
	void wait_for_one();
	bool accept();
	void drop_one();
	void tick();
	void close();

	boost::asio::io_context& ios;
	http_server_options options;
	http_handler handler;
	tcp::acceptor acceptor;
	std::optional<boost::asio::steady_timer> timer; // none once it is closed
	std::list<std::shared_ptr<http_connection>> connections; // the oldest first
	bool closed = false;
	bool waiting = false;
};

result<void> http_server::impl::listen(endpoint const& where)
{
	auto const udp = to_udp(where);
	tcp::endpoint at(udp.address(), udp.port());
	error_code ec;
	acceptor.open(at.protocol(), ec);
	if (ec == boost::asio::error::address_family_not_supported
		&& at.address() == boost::asio::ip::address_v6::any())
	{
		at.address(boost::asio::ip::address_v4::any());
		acceptor.open(at.protocol(), ec);
	}
	if (ec)
	{
		return fail(fault::network, ec, "opening a socket for {}", to_string(where));
	}
	error_code ignored;
	acceptor.set_option(tcp::acceptor::reuse_address(true), ignored); // connections of an earlier run linger
	if (at.protocol() == tcp::v6())
	{
		acceptor.set_option(boost::asio::ip::v6_only(false), ignored);
	}
	acceptor.bind(at, ec);
	if (!ec)
	{
		acceptor.listen(boost::asio::socket_base::max_listen_connections, ec);
	}
	if (ec)
	{
		return fail(fault::network, ec, "listening on {}", to_string(where));
	}
	acceptor.non_blocking(true, ignored);
	wait_for_one();
	tick();
	return success();
}

void http_server::impl::wait_for_one()
{
	waiting = true;
	acceptor.async_wait(
		tcp::acceptor::wait_read, io_handler([self = shared_from_this()](error_code const& ec) {
			self->waiting = false;
			if (self->closed || ec)
			{
				return;
			}
			if (self->accept())
			{
				self->wait_for_one();
			}
		}));
}

// False: there are no descriptors or there is no memory; tick() tries again.
bool http_server::impl::accept()
{
	auto const connection =
		std::make_shared<http_connection>(ios, options, handler, [this](http_connection* ended) {
			connections.remove_if([ended](auto const& c) { return c.get() == ended; });
		});
	error_code ec;
	acceptor.accept(connection->socket(), ec);
	if (ec)
	{
		return ec == boost::asio::error::would_block || ec == boost::asio::error::connection_aborted;
	}
	connections.push_back(connection);
	connection->start();
	if (connections.size() > options.max_connections)
	{
		drop_one();
	}
	return true;
}

void http_server::impl::drop_one()
{
	auto most = connections.end();
	std::ptrdiff_t most_count = 0;
	for (auto i = connections.begin(); i != connections.end(); ++i)
	{
		auto const peer = group_of((*i)->peer());
		auto const count = std::count_if(connections.begin(), connections.end(),
			[&](auto const& c) { return group_of(c->peer()) == peer; });
		// Of an address the oldest comes first.
		if (count > most_count)
		{
			most_count = count;
			most = i;
		}
	}
	(*most)->close();
	connections.erase(most);
}

void http_server::impl::tick()
{
	auto const now = http_connection::clock::now();
	for (auto i = connections.begin(); i != connections.end();)
	{
		auto const connection = *i++; // it may leave the list
		connection->check_time(now);
	}
	if (!waiting)
	{
		wait_for_one();
	}
	timer->expires_after(tick_interval);
	timer->async_wait(io_handler([self = shared_from_this()](error_code const& ec) {
		if (!ec && !self->closed)
		{
			self->tick();
		}
	}));
}

void http_server::impl::close()
{
	closed = true;
	error_code ignored;
	acceptor.close(ignored);
	timer.reset(); // cancel() could throw
	for (auto const& c : connections)
	{
		c->close();
	}
	connections.clear();
}

http_server::http_server(boost::asio::io_context& ios, http_server_options options, http_handler handler)
	: m_impl(std::make_shared<impl>(ios, std::move(options), std::move(handler)))
{}

http_server::~http_server()
{
	m_impl->close();
}

result<void> http_server::listen(endpoint const& where)
{
	return m_impl->listen(where);
}

tcp::endpoint http_server::bound() const
{
	error_code ec;
	return m_impl->acceptor.local_endpoint(ec);
}

void http_server::wake()
{
	for (auto const& c : m_impl->connections)
	{
		c->wake();
	}
}

std::size_t http_server::connections() const
{
	return m_impl->connections.size();
}

} // namespace rawswarm
