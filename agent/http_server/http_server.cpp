// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/http_server.hpp"

#include "agent/http_server/address_shares.hpp"
#include "agent/http_server/http_connection.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

using boost::asio::ip::tcp;
using boost::system::error_code;

// How exactly the limits of time are kept.
constexpr std::chrono::milliseconds tick_interval{250};

} // namespace

// Operations of the acceptor and the timer keep it; after close() they do nothing.
struct http_server::impl : std::enable_shared_from_this<impl>
{
	impl(boost::asio::io_context& context, http_server_options o, http_handler h)
		: ios(context)
		, shared(std::move(o), std::move(h))
		, acceptor(context)
		, timer(std::in_place, context)
	{
		shared.on_end = [this](http_connection& c) { forget(c); };
		shared.on_held = [this](http_connection& c) { make_room(c); };
	}

	result<void> listen(endpoint const& where);
	void wait_for_one();
	bool accept();
	void drop_one();
	void make_room(http_connection& newest);
	void forget(http_connection& c);
	std::vector<std::shared_ptr<http_connection>> all() const;
	void tick();
	void close();

	boost::asio::io_context& ios;
	http_shared shared;
	tcp::acceptor acceptor;
	std::optional<boost::asio::steady_timer> timer; // none once it is closed
	std::map<std::uint64_t, std::shared_ptr<http_connection>>
		connections; // by their number: the oldest first
	address_shares shares;
	std::uint64_t last_number = 0;
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
	auto const connection = std::make_shared<http_connection>(ios, shared, ++last_number);
	error_code ec;
	acceptor.accept(connection->socket(), ec);
	if (ec)
	{
		return ec == boost::asio::error::would_block || ec == boost::asio::error::connection_aborted;
	}
	connections.emplace(connection->number(), connection);
	connection->start();
	shares.add(connection->number(), connection->peer());
	if (connections.size() > shared.options.max_connections)
	{
		drop_one();
	}
	return true;
}

void http_server::impl::drop_one()
{
	auto const connection = connections.at(shares.next_to_go());
	connection->end();
}

// The client that has not taken its text for the longest is the slowest.
void http_server::impl::make_room(http_connection& newest)
{
	while (shared.held.total() > shared.options.max_held_bytes)
	{
		http_connection* slowest = nullptr;
		for (auto const& [number, c] : connections)
		{
			auto const since = c->holds_since();
			if (since && c.get() != &newest && (slowest == nullptr || *since < *slowest->holds_since()))
			{
				slowest = c.get();
			}
		}
		if (slowest == nullptr)
		{
			return;
		}
		slowest->end();
	}
}

void http_server::impl::forget(http_connection& c)
{
	shares.remove(c.number(), c.peer());
	connections.erase(c.number()); // c may be gone now
}

// For what may end some of them.
std::vector<std::shared_ptr<http_connection>> http_server::impl::all() const
{
	std::vector<std::shared_ptr<http_connection>> list;
	list.reserve(connections.size());
	for (auto const& [number, c] : connections)
	{
		list.push_back(c);
	}
	return list;
}

void http_server::impl::tick()
{
	auto const now = http_connection::clock::now();
	for (auto const& c : all())
	{
		c->check_time(now);
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
	for (auto const& [number, c] : connections)
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
	for (auto const& c : m_impl->all())
	{
		c->wake();
	}
}

std::size_t http_server::connections() const
{
	return m_impl->connections.size();
}

} // namespace rawswarm
