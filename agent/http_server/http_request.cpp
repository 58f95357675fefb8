// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/http_request.hpp"

#include "base/text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace rawswarm
{

namespace
{

namespace http = boost::beast::http;
using boost::system::error_code;

// What proxies add to a request: RFC 7239, RFC 9110 (7.6.3), and what was usual before them.
constexpr std::array<std::string_view, 4> proxy_headers{"Forwarded", "Via", "X-Forwarded-For", "X-Real-IP"};

http_refusal too_large()
{
	return {431, "more headers than this server reads"};
}

std::string_view text_of(boost::beast::string_view const& s)
{
	return {s.data(), s.size()};
}

} // namespace

http_request::http_request(http_shared& shared)
	: m_shared(shared)
{
	m_parser.header_limit(max_http_request_bytes);
	m_parser.body_limit(std::numeric_limits<std::uint64_t>::max()); // it is judged here, for each path
}

std::size_t http_request::put(std::string_view const bytes, std::optional<http_refusal>& wrong)
{
	error_code ec;
	auto const used = m_parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
	if (ec == http::error::need_more || (!ec && !is_whole()))
	{
		if (bytes.size() - used >= max_http_request_bytes)
		{
			wrong = too_large();
		}
	}
	else if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
	{
		wrong = too_large();
	}
	else if (ec)
	{
		wrong = http_refusal{400, "no request that this server reads"};
	}
	return used;
}

std::optional<http_refusal> http_request::find_wrong(
	boost::asio::ip::address const& local, boost::asio::ip::address const& peer) const
{
	if (auto wrong = find_wrong_content(local, peer))
	{
		return wrong;
	}
	if (!target().starts_with('/') || m_parser.get().count(http::field::host) != 1)
	{
		return http_refusal{400, "a path, and one Host, are needed"};
	}
	if (!m_shared.hosts.is_own(header(http::field::host), local))
	{
		return http_refusal{421, "this machine has no such name or address" + m_shared.options.name_hint};
	}
	return std::nullopt;
}

std::optional<http_refusal> http_request::find_wrong_content(
	boost::asio::ip::address const& local, boost::asio::ip::address const& peer) const
{
	auto const method = m_parser.get().method();
	auto const limit = method == http::verb::post ? body_limit(local, peer) : 0;
	if (m_parser.chunked() && limit > 0)
	{
		return http_refusal{411, "the length of the content is needed"};
	}
	if (m_parser.chunked() || content_length() > limit)
	{
		return http_refusal{413, limit > 0 ? "more content than is taken here" : "no content is taken here"};
	}
	if (limit == 0 && method != http::verb::get && !is_head())
	{
		return http_refusal{405, "this is not done here"};
	}
	return std::nullopt;
}

std::size_t http_request::content_length() const
{
	return static_cast<std::size_t>(m_parser.content_length().value_or(0));
}

bool http_request::waits_to_send() const
{
	return equal_ignoring_case(header(http::field::expect), "100-continue");
}

http_question http_request::question() const
{
	auto const mark = target().find('?');
	http_question q;
	q.method = text_of(m_parser.get().method_string());
	q.path = target().substr(0, mark);
	q.query = mark == std::string_view::npos ? std::string_view() : target().substr(mark + 1);
	q.host = header(http::field::host);
	q.authorization = header(http::field::authorization);
	// No answer has a validator, so that none of the client's can be meant (RFC 9110, 13.1.5).
	bool const is_conditional = m_parser.get().count(http::field::if_range) > 0;
	q.range = is_conditional ? std::string_view() : header(http::field::range);
	q.origin = header(http::field::origin);
	q.content_type = header(http::field::content_type);
	q.forwarded =
		std::ranges::any_of(proxy_headers, [&fields = m_parser.get().base()](std::string_view const name) {
			return fields.count({name.data(), name.size()}) > 0;
		});
	return q;
}

bool http_request::is_head() const
{
	return m_parser.get().method() == http::verb::head;
}

std::string_view http_request::allowed_methods() const
{
	return body_limit({}, {}) > 0 ? "GET, HEAD, POST" : "GET, HEAD";
}

std::string_view http_request::target() const
{
	return text_of(m_parser.get().target());
}

std::string_view http_request::header(http::field const name) const
{
	auto const& fields = m_parser.get().base();
	return fields.count(name) == 1 ? trim(text_of(fields[name])) : std::string_view();
}

std::size_t http_request::body_limit(
	boost::asio::ip::address const& local, boost::asio::ip::address const& peer) const
{
	auto const& limit = m_shared.options.body_limit;
	if (!limit)
	{
		return 0;
	}
	auto asks = question();
	asks.local = local;
	asks.peer = peer;
	return limit(asks, content_length());
}

} // namespace rawswarm
