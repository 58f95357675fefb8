// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/http_get.hpp"

#include "agent/net/http_link.hpp"
#include "agent/net/http_message.hpp"
#include "agent/net/tls.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
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

// The rest of an answer of status 200, whose headers are read.
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
result<http_answer> exchange(http_link& link, Stream& stream, url const& from, std::size_t max_bytes)
{
	auto request = make_request(from, from.target);
	request.set(http::field::connection, "close");
	if (auto const ec = link.finish([&](auto handler) { http::async_write(stream, request, handler); }))
	{
		return fail(fault::network, ec, "sending the request");
	}
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
	if (parser.get().result() == http::status::ok)
	{
		BOOST_OUTCOME_TRY(body, read_body(link, stream, buffer, parser, max_bytes));
		answer.body = std::move(body);
	}
	return answer;
}

result<http_answer> exchange_by_tls(
	http_link& link, asio::ssl::context& trust, url const& from, std::size_t max_bytes)
{
	asio::ssl::stream<tcp::socket&> stream(link.socket(), trust);
	BOOST_OUTCOME_TRYV(expect_host(stream.native_handle(), from.host));
	auto const ec =
		link.finish([&](auto handler) { stream.async_handshake(asio::ssl::stream_base::client, handler); });
	if (ec)
	{
		auto reason = handshake_failure(stream.native_handle(), ec);
		return error{fault::network, ec, "agreeing on TLS: " + std::move(reason)};
	}
	return exchange(link, stream, from, max_bytes);
}

result<http_answer> get(
	url const& from, clock::time_point until, std::size_t max_bytes, name_lookup const& look)
{
	std::optional<asio::ssl::context> trust;
	if (from.secure)
	{
		// First: without a bundle a connection would be in vain.
		BOOST_OUTCOME_TRY(bundle, find_ca_bundle());
		BOOST_OUTCOME_TRY(context, make_tls_context(bundle));
		trust = std::move(context);
	}
	BOOST_OUTCOME_TRY(addresses, lookup_host(from.host, until, look));
	http_link link(until);
	BOOST_OUTCOME_TRYV(link.connect(addresses, from.port));
	return trust ? exchange_by_tls(link, *trust, from, max_bytes)
				 : exchange(link, link.socket(), from, max_bytes);
}

} // namespace

result<http_answer> http_get(
	url const& from, clock::time_point until, std::size_t max_bytes, name_lookup const& look)
{
	try
	{
		return get(from, until, max_bytes, look);
	}
	catch (std::exception const& e)
	{
		return fail(fault::internal, "asking {}: {}", from.host, e.what());
	}
}

} // namespace rawswarm
