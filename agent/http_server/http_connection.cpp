// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/http_connection.hpp"

#include "agent/http_server/file_sender.hpp"
#include "agent/http_server/http_head.hpp"
#include "base/text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace rawswarm
{

namespace
{

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t least_buffer = 1024; // bytes: the requests of most clients
constexpr std::size_t read_bytes = 16'384; // of a body, at once

// A client that is refused while it still sends reads the answer only if its connection is not reset
// meanwhile.
constexpr std::chrono::milliseconds linger_time{2'000};

unsigned status_of(error_code const& ec)
{
	return ec == http::error::header_limit || ec == http::error::buffer_overflow ? 431 : 400;
}

std::string_view text_of(boost::beast::string_view const& s)
{
	return {s.data(), s.size()};
}

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
	drop_text();
	m_shared = nullptr;
	m_stream = nullptr;
	m_file.reset();
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
	return m_body ? std::optional(m_sends_since) : std::nullopt;
}

void http_connection::begin_request()
{
	m_moves = false;
	m_parser.emplace();
	m_parser->header_limit(max_http_request_bytes);
	m_parser->body_limit(boost::none); // it is looked at here
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
	error_code ec;
	auto const used = m_parser->put(boost::asio::const_buffer(m_buffer.data(), m_have), ec);
	m_have -= used;
	std::memmove(m_buffer.data(), m_buffer.data() + used, m_have);
	if (ec == http::error::need_more || (!ec && !m_parser->is_header_done()))
	{
		if (m_have == max_http_request_bytes)
		{
			refuse({431, "more headers than this server reads"});
			return;
		}
		wait_to_read(&http_connection::read);
		return;
	}
	if (ec)
	{
		refuse({status_of(ec), "no request that this server reads"});
		return;
	}
	m_keeps = m_parser->get().keep_alive();
	auto wrong = body_is_wrong();
	if (!wrong)
	{
		wrong = head_is_wrong();
	}
	if (wrong)
	{
		refuse(*wrong);
		return;
	}
	begin_body();
}

std::optional<http_connection::refusal> http_connection::body_is_wrong()
{
	auto const method = m_parser->get().method();
	auto const length = m_parser->content_length().value_or(0);
	if (method == http::verb::post && body_limit() > 0)
	{
		if (m_parser->chunked())
		{
			return refusal{411, "the length of the content is needed"};
		}
		if (length > body_limit())
		{
			return refusal{413, "more content than this server takes here"};
		}
		return std::nullopt;
	}
	if (m_parser->chunked() || length > 0)
	{
		return refusal{413, "this server takes no content here"};
	}
	if (method != http::verb::get && method != http::verb::head)
	{
		return refusal{405, "this server does nothing else here"};
	}
	return std::nullopt;
}

std::optional<http_connection::refusal> http_connection::head_is_wrong()
{
	auto const target = text_of(m_parser->get().target());
	auto const& fields = m_parser->get().base();
	if (target.empty() || target.front() != '/' || fields.count(http::field::host) != 1)
	{
		return refusal{400, "a path, and one Host, are needed"};
	}
	if (!m_shared->hosts.is_own(header(http::field::host), m_local))
	{
		return refusal{421, "this machine has no such name or address" + m_shared->options.name_hint};
	}
	return std::nullopt;
}

std::string_view http_connection::header(http::field const name) const
{
	auto const& fields = m_parser->get().base();
	return fields.count(name) == 1 ? trim(text_of(fields[name])) : std::string_view();
}

std::size_t http_connection::body_limit() const
{
	auto const target = text_of(m_parser->get().target());
	auto const& limit = m_shared->options.body_limit;
	return limit ? limit(target.substr(0, target.find('?'))) : 0;
}

void http_connection::begin_body()
{
	auto const length = static_cast<std::size_t>(m_parser->content_length().value_or(0));
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
	m_have -= come;
	std::memmove(m_buffer.data(), m_buffer.data() + come, m_have);
	m_lacks -= come;
	if (m_lacks == 0)
	{
		ask();
		return;
	}
	error_code ec;
	if (come == 0 && equal_ignoring_case(header(http::field::expect), "100-continue")
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
	bool const head_only = m_parser->get().method() == http::verb::head;
	auto reply = m_shared->handler(question());
	drop_body();
	answer(std::move(reply), head_only);
}

http_question http_connection::question() const
{
	auto const& request = m_parser->get();
	auto const target = text_of(request.target());
	auto const mark = target.find('?');
	http_question q;
	q.method = text_of(request.method_string());
	q.path = target.substr(0, mark);
	q.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
	q.body = m_content;
	q.host = header(http::field::host);
	q.authorization = header(http::field::authorization);
	// No answer has a validator, so that none of the client's can be meant (RFC 9110, 13.1.5).
	q.range = request.count(http::field::if_range) > 0 ? std::string_view() : header(http::field::range);
	q.origin = header(http::field::origin);
	q.content_type = header(http::field::content_type);
	q.peer = m_peer;
	q.local = m_local;
	return q;
}

void http_connection::refuse(refusal const& why)
{
	m_keeps = false; // what follows may be the rest of what was refused
	m_lingers = true;
	answer(make_reply(why.status, why.text), m_parser->get().method() == http::verb::head);
}

void http_connection::answer(http_reply reply, bool const head_only)
{
	m_keeps = m_keeps && !reply.stream;
	auto const* const allowed = reply.status == 405 && body_limit() > 0 ? "GET, HEAD, POST" : "GET, HEAD";
	m_head = head_of(reply, {m_shared->options.headers, allowed, m_keeps});
	m_parser.reset();
	if (m_have == 0)
	{
		m_buffer = {}; // who only waits, or takes a file, holds little
	}
	if (head_only)
	{
		send(nullptr);
		return;
	}
	m_stream = std::move(reply.stream);
	m_file = std::move(reply.file);
	send(m_file ? nullptr : std::move(reply.body));
}

void http_connection::send(shared_text bytes)
{
	m_body = std::move(bytes);
	m_written = 0;
	m_sending = true;
	m_moves = true;
	m_sends_since = clock::now();
	m_pace.begin(m_sends_since);
	wait_to_write();
	if (m_body)
	{
		m_shared->held.add(m_body);
		m_shared->on_held(*this);
	}
}

void http_connection::write()
{
	auto const body_bytes = m_body ? m_body->size() : 0;
	if (m_written < m_head.size() + body_bytes ? !write_text() : m_file && !write_file())
	{
		end();
		return;
	}
	if (m_written < m_head.size() + body_bytes || (m_file && m_file->bytes > 0))
	{
		wait_to_write();
		return;
	}
	m_sending = false;
	m_head = {};
	m_file.reset();
	drop_text();
	sent();
}

// False: the connection is gone. As of write_file().
bool http_connection::write_text()
{
	auto const body = m_body ? std::string_view(*m_body) : std::string_view();
	auto const of_head = std::min(m_written, m_head.size());
	auto const of_body = m_written - of_head;
	std::array<boost::asio::const_buffer, 2> const rest{
		boost::asio::const_buffer(m_head.data() + of_head, m_head.size() - of_head),
		boost::asio::const_buffer(body.data() + of_body, body.size() - of_body)};
	error_code ec;
	auto const n = m_socket.write_some(rest, ec);
	m_written += n;
	m_pace.moved(n);
	return !ec || ec == boost::asio::error::would_block;
}

bool http_connection::write_file()
{
	error_code ec;
	m_pace.moved(send_file_part(m_socket.native_handle(), *m_file, ec));
	return !ec || ec == boost::asio::error::would_block;
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
		send(std::move(part));
	}
}

void http_connection::drop_body()
{
	m_content = {};
	m_shared->held.remove(std::exchange(m_counted, 0));
}

void http_connection::drop_text()
{
	if (auto const text = std::exchange(m_body, nullptr))
	{
		m_shared->held.remove(text);
	}
}

} // namespace rawswarm
