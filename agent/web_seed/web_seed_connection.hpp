// SPDX-License-Identifier: BSD-3-Clause
// A connection to a web seed, which stays open from one range to the next. http or https; redirects and
// proxies are not supported.
//
// Blocking; one thread calls, and only stop() may be called by another. The whole has no time limit, but each
// step has one, so a server must keep sending.
#pragma once

#include "agent/net/http_link.hpp"
#include "agent/net/name_lookup.hpp"
#include "agent/net/url.hpp"
#include "agent/web_seed/web_seed_layout.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace rawswarm
{

// Why a range did not come.
struct web_failure
{
	std::string text; // the action and the reason; the caller adds the URL
	bool lasting = false; // the server refused, or its file cannot be the image: asking again is useless
	bool is_shorter = false; // because it has fewer bytes there than the image
	bool is_slow = false; // it did not keep the pace
};

// What a fetch must keep up with, where another web seed could take its place: so many bytes a second on
// average, counted from `patience` after its begin. 0: any.
struct web_pace
{
	std::int64_t bytes_per_second = 0;

	// For a connection, a disk that starts, and a server that has many to serve.
	static constexpr std::chrono::seconds patience{5};
};

class web_seed_connection
{
public:
	static constexpr std::chrono::seconds connect_timeout{10}; // look-up, all addresses and TLS together
	static constexpr std::chrono::seconds answer_timeout{
		30}; // for the headers, and for each part of the body

	// The body is read in parts of at most so many bytes.
	static constexpr std::size_t part_bytes = std::size_t(64) * 1024;

	// arrived: called with the size of each part of a body. It may block, which slows the server down.
	web_seed_connection(name_lookup look, std::function<void(std::size_t)> arrived);

	// A fetch begins, of one or more ranges.
	void begin(web_pace pace);

	// Bytes a second since begin(), without the time in which `arrived` blocked. 0: too few to tell.
	std::int64_t pace() const;

	// Reads the range into `out`, which has space for it. Empty: it is there. Any failure closes the
	// connection.
	std::optional<web_failure> get(url const& from, web_range const& range, char* out);

	// How long the file is that the last answer was of. Empty: the server did not say.
	std::optional<std::uint64_t> file_size() const { return m_file_size; }

	// Any thread: a request under way fails at once, and so does every later one.
	void stop() { m_link.stop(); }

private:
	using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

	void arrived(std::size_t bytes);
	http_link::clock::time_point deadline(std::chrono::seconds limit, std::size_t next_bytes) const;
	web_failure late(std::string text, boost::system::error_code const& ec) const;

	bool is_open_to(url const& from) const;
	result<void> open(url const& from);
	void close();

	// is_stale: set if the server had closed the connection while it was idle, so that a new one may help.
	std::optional<web_failure> ask(url const& from, web_range const& range, char* out, bool& is_stale);
	template <class Stream>
	std::optional<web_failure> exchange(
		Stream& stream, url const& from, web_range const& range, char* out, bool& is_stale);
	template <class Stream, class Parser>
	boost::system::error_code read_part(Stream& stream, Parser& parser);
	template <class Stream, class Parser>
	std::optional<web_failure> read_body(Stream& stream, Parser& parser, std::span<char> out);

	name_lookup m_look;
	std::function<void(std::size_t)> m_arrived;
	http_link m_link{http_link::clock::time_point::max()};
	std::optional<boost::asio::ssl::context> m_trust;
	std::optional<tls_stream> m_tls;
	std::optional<url> m_open_to;
	boost::beast::flat_buffer m_buffer;
	std::optional<std::uint64_t> m_file_size;
	web_pace m_pace;
	http_link::clock::time_point m_begin{};
	http_link::clock::duration m_blocked{}; // in m_arrived, since then
	std::int64_t m_came = 0; // bytes, since then
	http_link::clock::time_point m_last_came{}; // when bytes last did, or the request began
};

} // namespace rawswarm
