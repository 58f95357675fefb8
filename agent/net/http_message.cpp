// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/http_message.hpp"

#include "base/clean_text.hpp"
#include "base/version.hpp"

namespace rawswarm
{

namespace http = boost::beast::http;

http::request<http::empty_body> make_request(url const& at, std::string const& target)
{
	http::request<http::empty_body> request(http::verb::get, target, 11);
	request.set(http::field::host, authority(at));
	request.set(http::field::user_agent, std::string("rawswarm/") + version);
	request.set(http::field::accept, "*/*");
	request.set(http::field::accept_encoding, "identity");
	return request;
}

std::string reason_of(http::response_header<> const& answer)
{
	std::string const sent(answer.reason());
	return clean_text(sent.empty() ? std::string(http::obsolete_reason(answer.result())) : sent);
}

} // namespace rawswarm
