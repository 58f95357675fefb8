// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/http_exchange.hpp"

#include "agent/net/http_link.hpp"
#include "agent/net/http_message.hpp"
#include "agent/net/tls.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <exception>
#include <limits>
#include <optional>
#include <utility>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;

// Bytes read and not yet parsed. Above the limit for headers, so that the latter is met first.
constexpr std::size_t buffer_limit_bytes = std::size_t(2) * http_header_limit;

error too_large(std::size_t max_bytes)
{
	return fail(fault::refused, "reading the answer: larger than {} bytes", max_bytes);
}

bool may_have_body(http::status const status)
{
	return status != http::status::no_content && status != http::status::not_modified;
}

// The rest of an answer whose headers are read.
template <class Stream>
result<std::string> read_body(http_link& link, Stream& stream, boost::beast::flat_buffer& buffer,
	http::response_parser<http::string_body>& parser, std::size_t max_bytes)
{
	auto const encoding = parser.get()[http::field::content_encoding];
	if (!encoding.empty() && !boost::beast::iequals(encoding, "identity"))
	{
		return fail(fault::refused, "reading the answer: the server sent it with a content encoding");
	}
	auto const length = parser.content_length();
	if (length && *length > max_bytes)
	{
		return too_large(max_bytes);
	}
	parser.body_limit(max_bytes); // for a body in chunks, or one that ends with the connection
	auto const ec = link.finish([&](auto handler) { http::async_read(stream, buffer, parser, handler); });
	if (ec == http::error::body_limit)
	{
		return too_large(max_bytes);
	}
	if (ec)
	{
		return fail(fault::network, ec, "reading the answer");
	}
	return std::move(parser.get().body());
}

template <class Stream>
result<http_answer> read_answer(http_link& link, Stream& stream, http_call const& call)
{
	boost::beast::flat_buffer buffer(buffer_limit_bytes);
	http::response_parser<http::string_body> parser;
	parser.header_limit(http_header_limit);
	// No limit yet: the status must be known before the length is judged. Not boost::none: this version of
	// Beast takes it for a limit that every length exceeds.
	parser.body_limit(std::numeric_limits<std::uint64_t>::max());
	auto const ec =
		link.finish([&](auto handler) { http::async_read_header(stream, buffer, parser, handler); });
	if (ec)
	{
		return fail(fault::network, ec, "reading the answer's headers");
	}
	http_answer answer;
	answer.status = parser.get().result_int();
	answer.reason = reason_of(parser.get());
	answer.location = std::string(parser.get()[http::field::location]);
	bool const is_ok = parser.get().result() == http::status::ok;
	if (is_ok || (call.tells_why && may_have_body(parser.get().result())))
	{
		auto body = read_body(link, stream, buffer, parser, call.max_answer);
		if (!body && is_ok)
		{
			return body.error();
		}
		answer.body = body ? std::move(body).value() : std::string();
	}
	return answer;
}

http::request<http::empty_body> headers_of(url const& at, http_call const& call)
{
	auto request = make_request(at, at.target);
	request.set(http::field::connection, "close");
	if (!call.authorization.empty())
	{
		request.set(http::field::authorization, std::string(call.authorization));
	}
	if (call.posts)
	{
		request.method(http::verb::post);
		request.set(http::field::content_type, std::string(call.type));
		request.content_length(call.body.size());
	}
	return request;
}

// The headers, then the body as it is: a body of Beast's own would be one more kind of request.
template <class Stream>
boost::system::error_code send(http_link& link, Stream& stream, url const& at, http_call const& call)
{
	auto const request = headers_of(at, call);
	auto ec = link.finish([&](auto handler) { http::async_write(stream, request, handler); });
	if (!ec && !call.body.empty())
	{
		ec = link.finish([&](auto handler) {
			asio::async_write(stream, asio::const_buffer(call.body.data(), call.body.size()), handler);
		});
	}
	return ec;
}

template <class Stream>
result<http_answer> exchange(http_link& link, Stream& stream, url const& at, http_call const& call)
{
	auto const sent = send(link, stream, at, call);
	if (sent && !call.posts)
	{
		return fail(fault::network, sent, "sending the request");
	}
	// who refuses what is being sent answers, and takes no more
	auto answer = read_answer(link, stream, call);
	if (!answer && sent)
	{
		return fail(fault::network, sent, "sending the request");
	}
	return answer;
}

result<http_answer> exchange_by_tls(
	http_link& link, asio::ssl::context& trust, url const& at, http_call const& call)
{
	asio::ssl::stream<tcp::socket&> stream(link.socket(), trust);
	BOOST_OUTCOME_TRYV(expect_host(stream.native_handle(), at.host));
	auto const ec =
		link.finish([&](auto handler) { stream.async_handshake(asio::ssl::stream_base::client, handler); });
	if (ec)
	{
		auto reason = handshake_failure(stream.native_handle(), ec);
		return error{fault::network, ec, "agreeing on TLS: " + std::move(reason)};
	}
	return exchange(link, stream, at, call);
}

result<http_answer> connect_and_exchange(url const& at, http_call const& call, clock::time_point until,
	name_lookup const& look, std::stop_token const& stop)
{
	std::optional<asio::ssl::context> trust;
	if (at.secure)
	{
		// First: without a bundle a connection would be in vain.
		BOOST_OUTCOME_TRY(bundle, find_ca_bundle());
		BOOST_OUTCOME_TRY(context, make_tls_context(bundle));
		trust = std::move(context);
	}
	BOOST_OUTCOME_TRY(addresses, lookup_host(at.host, until, look, stop));
	http_link link(until);
	std::stop_callback const end(stop, [&link] { link.stop(); });
	BOOST_OUTCOME_TRYV(link.connect(addresses, at.port));
	return trust ? exchange_by_tls(link, *trust, at, call) : exchange(link, link.socket(), at, call);
}

} // namespace

result<http_answer> http_exchange(url const& at, http_call const& call, clock::time_point const until,
	name_lookup const& look, std::stop_token const& stop)
{
	try
	{
		return connect_and_exchange(at, call, until, look, stop);
	}
	catch (std::exception const& e)
	{
		return fail(fault::internal, "asking {}: {}", at.host, e.what());
	}
}

} // namespace rawswarm
