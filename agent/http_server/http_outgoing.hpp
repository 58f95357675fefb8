// SPDX-License-Identifier: BSD-3-Clause
// What a client is being sent: a head, and behind it a text or a file. One thread.
#pragma once

#include "agent/http_server/http_reply.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace rawswarm
{

class http_outgoing
{
public:
	http_outgoing() = default;

	// file: in place of the text.
	http_outgoing(std::string head, shared_text text, std::optional<http_file> file);

	// As much as the socket takes now, a part at most. Returns the bytes. ec: the connection is gone, or
	// there is less of the file than there was; that the socket takes nothing now is none.
	std::size_t write(boost::asio::ip::tcp::socket& socket, boost::system::error_code& ec);

	bool is_done() const;

	// Null: it has none.
	shared_text const& text() const { return m_text; }

private:
	std::size_t text_bytes() const { return m_text ? m_text->size() : 0; }
	std::size_t write_text(boost::asio::ip::tcp::socket& socket, boost::system::error_code& ec);

	std::string m_head;
	shared_text m_text;
	std::size_t m_written = 0; // bytes of the head and the text
	std::optional<http_file> m_file; // what is left of it
};

} // namespace rawswarm
