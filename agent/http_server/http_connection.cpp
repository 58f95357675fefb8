// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/http_connection.hpp"

#include "agent/http_server/own_hosts.hpp"
#include "base/text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>
#include <fmt/format.h>

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

unsigned status_of(error_code const& ec)
{
	if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
	{
		return 431;
	}
	return ec == http::error::body_limit ? 413 : 400;
}

std::string head_of(http_reply const& reply, std::string_view more, bool keeps)
{
	auto const reason = http::obsolete_reason(static_cast<http::status>(reply.status));
	auto head = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nConnection: {}\r\n", reply.status,
		std::string_view(reason.data(), reason.size()), reply.type, keeps ? "keep-alive" : "close");
	if (!reply.stream)
	{
		head += fmt::format("Content-Length: {}\r\n", reply.body ? reply.body->size() : 0);
	}
	if (reply.status == 405)
	{
		head += "Allow: GET, HEAD\r\n";
	}
	head += more;
	head += "\r\n";
	return head;
}

std::string_view text_of(boost::beast::string_view const& s)
{
	return {s.data(), s.size()};
}

} // namespace

http_reply make_reply(unsigned const status, std::string text)
{
	http_reply reply;
	reply.status = status;
	reply.body = std::make_shared<std::string const>(std::move(text) + "\n");
	return reply;
}

http_connection::http_connection(boost::asio::io_context& ios, http_server_options const& options,
	http_handler const& handler, std::function<void(http_connection*)> on_end)
	: m_socket(ios)
	, m_options(options)
	, m_handler(handler)
	, m_on_end(std::move(on_end))
{}

void http_connection::start()
{
	error_code ec;
	m_peer = m_socket.remote_endpoint(ec).address();
	m_socket.non_blocking(true, ec);
	m_socket.set_option(boost::asio::ip::tcp::no_delay(true), ec);
	begin_request();
	m_until = clock::now() + m_options.request_time;
}

void http_connection::wait(
	boost::asio::ip::tcp::socket::wait_type const what, void (http_connection::*next)())
{
	m_socket.async_wait(what, io_handler([self = shared_from_this(), next](error_code const& ec) {
		if (!self->m_on_end)
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
	m_on_end = nullptr;
	m_stream = nullptr;
	error_code ignored; // it is closed either way
	m_socket.shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
	m_socket.close(ignored);
}

void http_connection::end()
{
	auto const on_end = std::exchange(m_on_end, nullptr);
	close();
	if (on_end)
	{
		on_end(this);
	}
}

void http_connection::check_time(clock::time_point const now)
{
	if (now >= m_until)
	{
		end();
	}
}

void http_connection::begin_request()
{
	m_parser.emplace();
	m_parser->header_limit(max_http_request_bytes);
	m_parser->body_limit(0);
	m_until = clock::now() + (m_have > 0 ? m_options.request_time : m_options.idle_time);
	if (m_have > 0)
	{
		parse(); // the client did not wait for the answer before
	}
	else
	{
		wait(boost::asio::socket_base::wait_read, &http_connection::read);
	}
}

void http_connection::read()
{
	error_code ec;
	auto const n =
		m_socket.read_some(boost::asio::buffer(m_buffer.data() + m_have, m_buffer.size() - m_have), ec);
	if (ec == boost::asio::error::would_block)
	{
		wait(boost::asio::socket_base::wait_read, &http_connection::read);
		return;
	}
	if (ec)
	{
		end();
		return;
	}
	if (m_have == 0)
	{
		m_until = std::min(m_until, clock::now() + m_options.request_time);
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
		if (m_have == m_buffer.size())
		{
			refuse(431, "more headers than this server reads");
			return;
		}
		wait(boost::asio::socket_base::wait_read, &http_connection::read);
		return;
	}
	if (ec || m_parser->chunked() || m_parser->content_length().value_or(0) > 0)
	{
		auto const status = ec ? status_of(ec) : 413;
		refuse(status, status == 413 ? "this server takes no content" : "no request that this server reads");
		return;
	}
	auto const& request = m_parser->get();
	auto const method = request.method();
	m_keeps = request.keep_alive();
	if (method != http::verb::get && method != http::verb::head)
	{
		refuse(405, "GET and HEAD alone: this server only shows");
		return;
	}
	auto reply = reply_to(request.base(), text_of(request.target()));
	answer(std::move(reply), method == http::verb::head);
}

http_reply http_connection::reply_to(http::fields const& fields, std::string_view const target)
{
	if (target.empty() || target.front() != '/' || fields.count(http::field::host) != 1)
	{
		return make_reply(400, "a path, and one Host, are needed");
	}
	error_code ec;
	auto const local = m_socket.local_endpoint(ec).address();
	if (!is_own_host(trim(text_of(fields[http::field::host])), find_own_hosts(m_options.names), local))
	{
		return make_reply(421, "this machine has no such name or address" + m_options.name_hint);
	}
	http_question question;
	question.path = target.substr(0, target.find('?'));
	return m_handler(question);
}

void http_connection::refuse(unsigned const status, std::string text)
{
	m_keeps = false; // what follows may be the rest of what was refused
	answer(make_reply(status, std::move(text)), false);
}

void http_connection::answer(http_reply reply, bool const head_only)
{
	m_keeps = m_keeps && !reply.stream;
	m_head = head_of(reply, m_options.headers, m_keeps);
	if (!head_only)
	{
		m_stream = std::move(reply.stream);
	}
	send(head_only ? nullptr : std::move(reply.body));
}

void http_connection::send(shared_text bytes)
{
	m_body = std::move(bytes);
	m_written = 0;
	m_sending = true;
	m_until = clock::now() + m_options.write_time;
	wait(boost::asio::socket_base::wait_write, &http_connection::write);
}

void http_connection::write()
{
	auto const body = m_body ? std::string_view(*m_body) : std::string_view();
	auto const of_head = std::min(m_written, m_head.size());
	auto const of_body = m_written - of_head;
	std::array<boost::asio::const_buffer, 2> const rest{
		boost::asio::const_buffer(m_head.data() + of_head, m_head.size() - of_head),
		boost::asio::const_buffer(body.data() + of_body, body.size() - of_body)};
	error_code ec;
	m_written += m_socket.write_some(rest, ec);
	if (ec && ec != boost::asio::error::would_block)
	{
		end();
		return;
	}
	if (m_written < m_head.size() + body.size())
	{
		wait(boost::asio::socket_base::wait_write, &http_connection::write);
		return;
	}
	m_sending = false;
	m_head.clear();
	m_body = nullptr;
	sent();
}

void http_connection::sent()
{
	if (m_stream)
	{
		m_until = clock::time_point::max();
		wake();
	}
	else if (m_keeps)
	{
		begin_request();
	}
	else
	{
		end();
	}
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

} // namespace rawswarm
