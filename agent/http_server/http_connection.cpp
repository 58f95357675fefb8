// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/http_connection.hpp"

#include "agent/http_server/http_head.hpp"
#include "agent/net/address.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace rawswarm
{

namespace
{

using boost::system::error_code;

constexpr std::size_t least_buffer = 1024; // bytes: the requests of most clients
constexpr std::size_t read_bytes = 16'384; // of a body, at once

// A client that is refused while it still sends reads the answer only if its connection is not reset
// meanwhile.
constexpr std::chrono::milliseconds linger_time{2'000};

} // namespace

http_connection::http_connection(
	boost::asio::io_context& ios, http_shared& shared, std::uint64_t const number)
	: m_socket(ios)
	, m_shared(&shared)
	, m_number(number)
{}

void http_connection::start()
{
	error_code ec;
	m_peer = plain_address(m_socket.remote_endpoint(ec).address());
	m_local = plain_address(m_socket.local_endpoint(ec).address());
	m_socket.non_blocking(true, ec);
	m_socket.set_option(boost::asio::ip::tcp::no_delay(true), ec);
	begin_request();
	m_until = clock::now() + m_shared->options.request_time;
}

void http_connection::wait_to_read(next_step const next)
{
	wait(boost::asio::socket_base::wait_read, next);
}

void http_connection::wait_to_write()
{
	wait(boost::asio::socket_base::wait_write, &http_connection::write);
}

void http_connection::wait(boost::asio::ip::tcp::socket::wait_type const what, next_step const next)
{
	m_socket.async_wait(what, io_handler([self = shared_from_this(), next](error_code const& ec) {
		if (self->m_shared == nullptr)
		{
			return;
		}
		if (ec)
		{
			self->end();
			return;
		}
		(*self.*next)();
	}));
}

void http_connection::close()
{
	if (m_shared == nullptr)
	{
		return;
	}
	drop_body();
	drop_outgoing();
	m_shared = nullptr;
	m_stream = nullptr;
	error_code ignored; // it is closed either way
	m_socket.shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
	m_socket.close(ignored);
}

void http_connection::end()
{
	auto* const shared = m_shared;
	close();
	if (shared != nullptr)
	{
		shared->on_end(*this);
	}
}

void http_connection::check_time(clock::time_point const now)
{
	if (m_shared == nullptr)
	{
		return;
	}
	auto const& options = m_shared->options;
	if (m_moves ? !m_pace.is_kept(now, options.min_pace, options.pace_window) : now >= m_until)
	{
		end();
	}
}

std::optional<http_connection::clock::time_point> http_connection::holds_since() const
{
	return m_outgoing.text() ? std::optional(m_sends_since) : std::nullopt;
}

void http_connection::begin_request()
{
	m_moves = false;
	m_request.emplace(*m_shared);
	auto const& options = m_shared->options;
	m_until = clock::now() + (m_have > 0 ? options.request_time : options.idle_time);
	if (m_have > 0)
	{
		parse(); // the client did not wait for the answer before
		return;
	}
	wait_to_read(&http_connection::read);
}

void http_connection::read()
{
	if (m_have == m_buffer.size())
	{
		m_buffer.resize(std::clamp(2 * m_buffer.size(), least_buffer, max_http_request_bytes));
	}
	error_code ec;
	auto const n =
		m_socket.read_some(boost::asio::buffer(m_buffer.data() + m_have, m_buffer.size() - m_have), ec);
	if (ec == boost::asio::error::would_block)
	{
		wait_to_read(&http_connection::read);
		return;
	}
	if (ec)
	{
		end();
		return;
	}
	if (m_have == 0)
	{
		m_until = std::min(m_until, clock::now() + m_shared->options.request_time);
	}
	m_have += n;
	parse();
}

void http_connection::parse()
{
	std::optional<http_refusal> wrong;
	take(m_request->put({m_buffer.data(), m_have}, wrong));
	if (!wrong && !m_request->is_whole())
	{
		wait_to_read(&http_connection::read);
		return;
	}
	if (!wrong)
	{
		m_keeps = m_request->keeps_connection();
		wrong = m_request->find_wrong(m_local, m_peer);
	}
	if (wrong)
	{
		refuse(*wrong);
		return;
	}
	begin_body();
}

void http_connection::take(std::size_t const bytes)
{
	m_have -= bytes;
	std::memmove(m_buffer.data(), m_buffer.data() + bytes, m_have);
}

void http_connection::begin_body()
{
	auto const length = m_request->content_length();
	if (length == 0)
	{
		ask();
		return;
	}
	if (m_shared->held.total() + length > m_shared->options.max_held_bytes)
	{
		refuse({503, "too much is under way: send it again later"});
		return;
	}
	m_shared->held.add(length);
	m_counted = m_lacks = length;
	m_content.reserve(length); // memory that is not touched is not there
	auto const come = std::min(m_have, length);
	m_content.assign(m_buffer, 0, come);
	take(come);
	m_lacks -= come;
	if (m_lacks == 0)
	{
		ask();
		return;
	}
	error_code ec;
	if (come == 0 && m_request->waits_to_send()
		&& m_socket.write_some(boost::asio::buffer(go_on.data(), go_on.size()), ec) != go_on.size())
	{
		end(); // nothing else was on its way to it
		return;
	}
	m_moves = true;
	m_pace.begin(clock::now());
	wait_to_read(&http_connection::read_body);
}

void http_connection::read_body()
{
	std::array<char, read_bytes> part; // NOLINT(cppcoreguidelines-pro-type-member-init): it is read into
	error_code ec;
	auto const n = m_socket.read_some(boost::asio::buffer(part.data(), std::min(part.size(), m_lacks)), ec);
	if (ec && ec != boost::asio::error::would_block)
	{
		end();
		return;
	}
	m_content.append(part.data(), n);
	m_lacks -= n;
	m_pace.moved(n);
	if (m_lacks == 0)
	{
		ask();
		return;
	}
	wait_to_read(&http_connection::read_body);
}

void http_connection::ask()
{
	auto question = m_request->question();
	question.body = m_content;
	question.peer = m_peer;
	question.local = m_local;
	auto reply = m_shared->handler(question);
	drop_body();
	answer(std::move(reply));
}

void http_connection::refuse(http_refusal const& why)
{
	m_keeps = false; // what follows may be the rest of what was refused
	m_lingers = true;
	answer(make_reply(why.status, why.text));
}

void http_connection::answer(http_reply reply)
{
	m_keeps = m_keeps && !reply.stream;
	auto const& more = m_shared->options.headers;
	auto head = head_of(reply, {more, reply.status == 405 ? m_request->allowed_methods() : "", m_keeps});
	bool const head_only = m_request->is_head();
	m_request.reset();
	if (m_have == 0)
	{
		std::string().swap(m_buffer); // who only waits, or takes a file, holds little
	}
	if (head_only)
	{
		send({std::move(head), nullptr, {}});
		return;
	}
	m_stream = std::move(reply.stream);
	send({std::move(head), std::move(reply.body), std::move(reply.file)});
}

void http_connection::send(http_outgoing&& what)
{
	m_outgoing = std::move(what);
	m_sending = true;
	m_moves = true;
	m_sends_since = clock::now();
	m_pace.begin(m_sends_since);
	wait_to_write();
	if (m_outgoing.text())
	{
		m_shared->held.add(m_outgoing.text());
		m_shared->on_held(*this);
	}
}

void http_connection::write()
{
	error_code ec;
	m_pace.moved(m_outgoing.write(m_socket, ec));
	if (ec)
	{
		end();
		return;
	}
	if (!m_outgoing.is_done())
	{
		wait_to_write();
		return;
	}
	m_sending = false;
	drop_outgoing();
	sent();
}

void http_connection::sent()
{
	m_moves = false;
	if (m_stream)
	{
		m_until = clock::time_point::max();
		wake();
	}
	else if (m_keeps)
	{
		begin_request();
	}
	else if (m_lingers)
	{
		linger();
	}
	else
	{
		end();
	}
}

void http_connection::linger()
{
	error_code ignored; // then there is nothing to read either
	m_socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
	m_until = clock::now() + linger_time;
	wait_to_read(&http_connection::drain);
}

void http_connection::drain()
{
	std::array<char, read_bytes> part; // NOLINT(cppcoreguidelines-pro-type-member-init): nobody reads it
	error_code ec;
	m_socket.read_some(boost::asio::buffer(part), ec);
	if (ec && ec != boost::asio::error::would_block)
	{
		end();
		return;
	}
	wait_to_read(&http_connection::drain);
}

void http_connection::wake()
{
	if (!m_stream || m_sending)
	{
		return;
	}
	if (auto part = m_stream())
	{
		send({{}, std::move(part), {}});
	}
}

void http_connection::drop_body()
{
	std::string().swap(m_content); // an assignment would keep its memory
	m_shared->held.remove(std::exchange(m_counted, 0));
}

void http_connection::drop_outgoing()
{
	m_shared->held.remove(m_outgoing.text());
	m_outgoing = {};
}

} // namespace rawswarm
