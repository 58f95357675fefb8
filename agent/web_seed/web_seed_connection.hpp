// SPDX-License-Identifier: BSD-3-Clause
// A connection to a web seed, which stays open from one range to the next. http or https, without redirects
// and proxies.
//
// Blocking; one thread calls, only stop() may come from another. No time limit for the whole, but each step
// has one, and a server must send something all the time.
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
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace rawswarm
{

// Why a range did not come. text: what was being done, and the reason; the URL is left to the caller.
struct web_failure
{
	std::string text;
	bool lasting = false; // the server said no, or what it has cannot be the image: asking again is no use
};

class web_seed_connection
{
public:
	static constexpr std::chrono::seconds connect_timeout{10}; // look-up, all addresses and TLS included
	static constexpr std::chrono::seconds answer_timeout{30}; // to the headers, and for each part of the body

	// The body comes in parts of at most so many bytes.
	static constexpr std::size_t part_bytes = std::size_t(64) * 1024;

	// arrived: called for each part of a body with its size; may take its time.
	web_seed_connection(name_lookup look, std::function<void(std::size_t)> arrived);

	// Fills out, which has room for the range. Nothing: it is there. Whatever fails closes the connection.
	std::optional<web_failure> get(url const& from, web_range const& range, char* out);

	// Any thread: what is under way ends at once, and whatever is asked after that.
	void stop() { m_link.stop(); }

private:
	using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

	bool is_open_to(url const& from) const;
	result<void> open(url const& from);
	void close();

	// is_stale: set where the server had closed a connection that was idle, so that another one may help.
	std::optional<web_failure> ask(url const& from, web_range const& range, char* out, bool& is_stale);
	template <class Stream>
	std::optional<web_failure> exchange(
		Stream& stream, url const& from, web_range const& range, char* out, bool& is_stale);
	template <class Stream, class Parser>
	std::optional<web_failure> read_body(Stream& stream, Parser& parser, std::span<char> out);

	name_lookup m_look;
	std::function<void(std::size_t)> m_arrived;
	http_link m_link{http_link::clock::time_point::max()};
	std::optional<boost::asio::ssl::context> m_trust;
	std::optional<tls_stream> m_tls;
	std::optional<url> m_open_to;
	boost::beast::flat_buffer m_buffer;
};

} // namespace rawswarm
