// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_connection.hpp"

#include "agent/net/http_message.hpp"
#include "agent/net/http_status.hpp"
#include "agent/net/tls.hpp"
#include "agent/net/uri_reference.hpp"
#include "agent/web_seed/content_range.hpp"
#include "base/clean_text.hpp"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <exception>
#include <limits>
#include <string_view>
#include <utility>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

// Bytes. Fewer come at once, whatever the server's pace.
constexpr std::int64_t least_measured = std::int64_t(128) * 1024;

// A server that has sent nothing for this time stands still, and is not slow.
constexpr std::chrono::seconds still_after{2};

std::string bytes_of(web_range const& range)
{
	return fmt::format("bytes={}-{}", range.begin, range.begin + range.length - 1);
}

web_failure lasting(std::string text)
{
	return {.text = std::move(text), .lasting = true};
}

web_failure passing(std::string text)
{
	return {.text = std::move(text)};
}

web_failure from_error(error const& e)
{
	return {.text = e.text, .lasting = e.kind == fault::refused};
}

template <class Response>
std::optional<web_failure> check_status(Response const& response, web_range const& range)
{
	auto const status = response.result_int();
	if (response.result() == http::status::partial_content)
	{
		return {};
	}
	if (response.result() == http::status::ok)
	{
		return lasting(
			fmt::format("asking for {} of {}: the server sends the whole file, as it serves no ranges",
				bytes_of(range), printable_uri(range.target)));
	}
	return web_failure{.text = fmt::format("asking for {}: the server answered {} {}",
						   printable_uri(range.target), status, reason_of(response)),
		.lasting = !may_pass(status),
		.is_shorter = response.result() == http::status::range_not_satisfiable};
}

// Whether the file can be the one that the torrent was made of.
std::optional<web_failure> check_size(std::uint64_t const size, web_range const& range)
{
	auto const target = printable_uri(range.target);
	if (range.exact && size != range.file_size)
	{
		return lasting(fmt::format(
			"asking for {}: it has {} bytes there and {} in the torrent", target, size, range.file_size));
	}
	if (size < range.file_size)
	{
		return web_failure{.text = fmt::format("asking for {}: it has {} bytes and the image {}", target,
							   size, range.file_size),
			.lasting = true,
			.is_shorter = true};
	}
	return {};
}

template <class Response>
std::optional<web_failure> check_range(
	Response const& response, web_range const& range, std::optional<std::uint64_t>& file_size)
{
	auto const encoding = response[http::field::content_encoding];
	if (!encoding.empty() && !boost::beast::iequals(encoding, "identity"))
	{
		return lasting("reading the answer: the server sent it with a content encoding");
	}
	auto const text = response[http::field::content_range];
	auto const sent = parse_content_range({text.data(), text.size()});
	file_size = sent ? sent->size : std::nullopt;
	if (auto refused = file_size ? check_size(*file_size, range) : std::nullopt)
	{
		return refused; // a range that ends early has this reason
	}
	if (!sent || sent->first != range.begin || sent->last != range.begin + range.length - 1)
	{
		return lasting(fmt::format("asking for {} of {}: the server sent another range, \"{}\"",
			bytes_of(range), printable_uri(range.target), clean_text({text.data(), text.size()})));
	}
	return {};
}

// A server may close an idle connection at any moment.
bool is_closed_by_server(error_code const ec)
{
	return ec == http::error::end_of_stream || ec == asio::error::eof || ec == asio::error::connection_reset
		|| ec == asio::error::broken_pipe || ec == asio::error::connection_aborted
		|| ec == asio::ssl::error::stream_truncated;
}

} // namespace

web_seed_connection::web_seed_connection(name_lookup look, std::function<void(std::size_t)> arrived)
	: m_look(std::move(look))
	, m_arrived(std::move(arrived))
	, m_buffer(2 * std::size_t(http_header_limit))
{}

void web_seed_connection::begin(web_pace const pace)
{
	m_pace = pace;
	m_begin = http_link::clock::now();
	m_blocked = {};
	m_came = 0;
}

std::int64_t web_seed_connection::pace() const
{
	auto const took = std::chrono::duration<double>(http_link::clock::now() - m_begin - m_blocked).count();
	return m_came < least_measured || took <= 0 ? 0 : static_cast<std::int64_t>(double(m_came) / took);
}

void web_seed_connection::arrived(std::size_t const bytes)
{
	auto const before = http_link::clock::now();
	m_came += static_cast<std::int64_t>(bytes);
	m_arrived(bytes);
	m_last_came = http_link::clock::now();
	m_blocked += m_last_came - before;
}

// By when the next bytes must have come: within the limit of each step, and with the pace.
http_link::clock::time_point web_seed_connection::deadline(
	std::chrono::seconds const limit, std::size_t const next_bytes) const
{
	auto const step = http_link::clock::now() + limit;
	if (m_pace.bytes_per_second == 0)
	{
		return step;
	}
	auto const bytes = static_cast<double>(m_came) + static_cast<double>(next_bytes);
	auto const seconds = std::chrono::duration<double>(bytes / static_cast<double>(m_pace.bytes_per_second));
	return std::min(step,
		m_begin + m_blocked + web_pace::patience
			+ std::chrono::duration_cast<http_link::clock::duration>(seconds));
}

web_failure web_seed_connection::late(std::string text, error_code const& ec) const
{
	bool const is_late = ec == asio::error::timed_out;
	bool const is_slow = is_late && m_pace.bytes_per_second > 0;
	auto const silent = std::chrono::round<std::chrono::seconds>(http_link::clock::now() - m_last_came);
	if (is_late && silent >= still_after)
	{
		text += fmt::format("nothing has come for {} seconds", silent.count());
	}
	else
	{
		text += is_slow ? fmt::format("less than {} KiB/s", m_pace.bytes_per_second >> 10) : ec.message();
	}
	return {.text = std::move(text), .is_slow = is_slow};
}

bool web_seed_connection::is_open_to(url const& from) const
{
	return m_open_to && m_open_to->secure == from.secure && m_open_to->host == from.host
		&& m_open_to->port == from.port;
}

void web_seed_connection::close()
{
	m_tls.reset();
	m_link.close();
	m_open_to.reset();
	m_buffer.clear();
}

result<void> web_seed_connection::open(url const& from)
{
	close();
	auto const until = http_link::clock::now() + connect_timeout;
	m_link.set_deadline(until);
	if (from.secure && !m_trust)
	{
		BOOST_OUTCOME_TRY(bundle, find_ca_bundle());
		BOOST_OUTCOME_TRY(context, make_tls_context(bundle));
		m_trust.emplace(std::move(context));
	}
	BOOST_OUTCOME_TRY(addresses, lookup_host(from.host, until, m_look));
	BOOST_OUTCOME_TRYV(m_link.connect(addresses, from.port));
	error_code ignored; // without the option, requests wait for acknowledgements: slower, not wrong
	m_link.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
	if (from.secure)
	{
		m_tls.emplace(m_link.socket(), *m_trust);
		BOOST_OUTCOME_TRYV(expect_host(m_tls->native_handle(), from.host));
		auto const ec = m_link.finish(
			[&](auto handler) { m_tls->async_handshake(asio::ssl::stream_base::client, handler); });
		if (ec)
		{
			auto reason = handshake_failure(m_tls->native_handle(), ec);
			return error{fault::network, ec, "agreeing on TLS: " + std::move(reason)};
		}
	}
	m_open_to = from;
	return success();
}

std::optional<web_failure> web_seed_connection::get(url const& from, web_range const& range, char* const out)
{
	try
	{
		bool const was_open = is_open_to(from);
		bool is_stale = false;
		auto failure = ask(from, range, out, is_stale);
		if (failure && was_open && is_stale)
		{
			failure = ask(from, range, out, is_stale);
		}
		return failure;
	}
	catch (std::exception const& e)
	{
		close();
		return passing(fmt::format("asking {}: {}", from.host, e.what()));
	}
}

std::optional<web_failure> web_seed_connection::ask(
	url const& from, web_range const& range, char* const out, bool& is_stale)
{
	if (!is_open_to(from))
	{
		if (auto const opened = open(from); !opened)
		{
			close();
			return from_error(opened.error());
		}
	}
	auto failure = m_tls ? exchange(*m_tls, from, range, out, is_stale)
						 : exchange(m_link.socket(), from, range, out, is_stale);
	if (failure)
	{
		close();
	}
	return failure;
}

template <class Stream>
std::optional<web_failure> web_seed_connection::exchange(
	Stream& stream, url const& from, web_range const& range, char* const out, bool& is_stale)
{
	m_file_size.reset();
	m_last_came = http_link::clock::now();
	m_link.set_deadline(deadline(answer_timeout, 0));
	auto request = make_request(from, range.target);
	request.set(http::field::range, bytes_of(range));
	if (auto const ec = m_link.finish([&](auto handler) { http::async_write(stream, request, handler); }))
	{
		is_stale = is_closed_by_server(ec);
		return passing("sending the request: " + ec.message());
	}
	http::response_parser<http::buffer_body> parser;
	parser.header_limit(http_header_limit);
	// The length is checked against the range below. Not boost::none: this Beast takes it for a limit that
	// every length exceeds.
	parser.body_limit(std::numeric_limits<std::uint64_t>::max());
	auto const ec =
		m_link.finish([&](auto handler) { http::async_read_header(stream, m_buffer, parser, handler); });
	if (ec)
	{
		is_stale = is_closed_by_server(ec);
		return late("reading the answer's headers: ", ec);
	}
	auto const& response = parser.get();
	if (auto refused = check_status(response, range))
	{
		return refused;
	}
	if (auto refused = check_range(response, range, m_file_size))
	{
		return refused;
	}
	if (parser.content_length() != range.length)
	{
		return lasting("reading the answer: its length is not that of its range");
	}
	if (auto failure = read_body(stream, parser, {out, range.length}))
	{
		return failure;
	}
	if (!parser.keep_alive())
	{
		close();
	}
	return {};
}

// Fills the body's buffer, as far as there is a body. Not by one operation, as only what came in some tells a
// server that is slow from one that stands still.
template <class Stream, class Parser>
error_code web_seed_connection::read_part(Stream& stream, Parser& parser)
{
	auto& body = parser.get().body();
	error_code ec;
	while (!ec && body.size > 0 && !parser.is_done())
	{
		auto const left = body.size;
		ec = m_link.finish([&](auto handler) { http::async_read_some(stream, m_buffer, parser, handler); });
		m_last_came = body.size < left ? http_link::clock::now() : m_last_came;
	}
	return ec;
}

template <class Stream, class Parser>
std::optional<web_failure> web_seed_connection::read_body(
	Stream& stream, Parser& parser, std::span<char> const out)
{
	std::size_t done = 0;
	while (!parser.is_done())
	{
		auto& body = parser.get().body();
		auto const part = std::min(part_bytes, out.size() - done);
		body.data = out.data() + done;
		body.size = part;
		m_link.set_deadline(deadline(answer_timeout, part));
		auto const ec = read_part(stream, parser);
		if (ec && ec != http::error::need_buffer)
		{
			return late(
				fmt::format("reading the answer after {} of {} bytes: ", done + part - body.size, out.size()),
				ec);
		}
		done += part - body.size;
		arrived(part - body.size);
	}
	return {};
}

} // namespace rawswarm
