// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/http_head.hpp"

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include <utility>

namespace rawswarm
{

http_reply make_reply(unsigned const status, std::string text)
{
	http_reply reply;
	reply.status = status;
	reply.body = std::make_shared<std::string const>(std::move(text) + "\n");
	return reply;
}

std::uint64_t length_of(http_reply const& reply)
{
	if (reply.file)
	{
		return reply.file->bytes;
	}
	return reply.body ? reply.body->size() : 0;
}

std::string head_of(http_reply const& reply, http_head const& head)
{
	namespace http = boost::beast::http;
	auto const reason = http::obsolete_reason(static_cast<http::status>(reply.status));
	auto text = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nConnection: {}\r\n", reply.status,
		std::string_view(reason.data(), reason.size()), reply.type, head.keeps ? "keep-alive" : "close");
	if (!reply.stream)
	{
		text += fmt::format("Content-Length: {}\r\n", length_of(reply));
	}
	if (reply.status == 405)
	{
		text += fmt::format("Allow: {}\r\n", head.allowed);
	}
	text += reply.headers;
	text += head.more;
	text += "\r\n";
	return text;
}

} // namespace rawswarm
