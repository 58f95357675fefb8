// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/http_outgoing.hpp"

#include "agent/http_server/file_sender.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace rawswarm
{

http_outgoing::http_outgoing(std::string head, shared_text text, std::optional<http_file> file)
	: m_head(std::move(head))
	, m_text(file ? nullptr : std::move(text))
	, m_file(std::move(file))
{}

std::size_t http_outgoing::write(boost::asio::ip::tcp::socket& socket, boost::system::error_code& ec)
{
	std::size_t n = 0;
	if (m_written < m_head.size() + text_bytes())
	{
		n = write_text(socket, ec);
	}
	else if (m_file)
	{
		n = send_file_part(socket.native_handle(), *m_file, ec);
	}
	if (ec == boost::asio::error::would_block)
	{
		ec = {};
	}
	return n;
}

std::size_t http_outgoing::write_text(boost::asio::ip::tcp::socket& socket, boost::system::error_code& ec)
{
	auto const text = m_text ? std::string_view(*m_text) : std::string_view();
	auto const of_head = std::min(m_written, m_head.size());
	auto const of_text = m_written - of_head;
	std::array<boost::asio::const_buffer, 2> const rest{
		boost::asio::const_buffer(m_head.data() + of_head, m_head.size() - of_head),
		boost::asio::const_buffer(text.data() + of_text, text.size() - of_text)};
	auto const n = socket.write_some(rest, ec);
	m_written += n;
	return n;
}

bool http_outgoing::is_done() const
{
	return m_written == m_head.size() + text_bytes() && (!m_file || m_file->bytes == 0);
}

} // namespace rawswarm
