// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/url.hpp"

#include "agent/net/address.hpp"
#include "base/clean_text.hpp"
#include "base/lower_case.hpp"

#include <algorithm>
#include <optional>

namespace rawswarm
{

namespace
{

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

bool is_visible(char c)
{
	return c > ' ' && c <= '~';
}

error refuse(std::string_view text, std::string_view reason)
{
	return fail(fault::refused, "reading the URL {}: {}", clean_text(text), reason);
}

std::uint16_t default_port(bool secure)
{
	return secure ? https_port : http_port;
}

// Splits "host:port" or "[v6]:port". Gives what is wrong with it, or nothing.
std::optional<std::string_view> parse_authority(std::string_view text, url& out)
{
	std::string_view rest;
	if (text.starts_with('['))
	{
		auto const end = text.find(']');
		if (end == std::string_view::npos || !is_ipv6(text.substr(1, end - 1)))
		{
			return "what stands in brackets is no IPv6 address";
		}
		out.host = lower_case(text.substr(1, end - 1));
		rest = text.substr(end + 1);
	}
	else
	{
		auto const colon = std::min(text.find(':'), text.size());
		if (!is_host(text.substr(0, colon)))
		{
			return "no valid host name";
		}
		out.host = lower_case(text.substr(0, colon));
		rest = text.substr(colon);
	}
	out.port = default_port(out.secure);
	if (rest.empty() || rest == ":")
	{
		return std::nullopt;
	}
	auto const port = rest.front() == ':' ? parse_decimal(rest.substr(1)) : std::nullopt;
	if (!port || *port == 0)
	{
		return "the port is no number from 1 to 65535";
	}
	out.port = *port;
	return std::nullopt;
}

} // namespace

result<url> parse_url(std::string_view text)
{
	auto const scheme = lower_case(text.substr(0, text.find("://")));
	if (!has_url_scheme(text) || (scheme != "http" && scheme != "https"))
	{
		return refuse(text, "only http:// and https:// are known");
	}
	auto rest = text.substr(scheme.size() + 3);
	rest = rest.substr(0, rest.find('#'));
	auto const end_of_host = std::min(rest.find_first_of("/?"), rest.size());
	auto const host = rest.substr(0, end_of_host);
	if (auto const at = host.rfind('@'); at != std::string_view::npos)
	{
		// The text of an error travels in logs and beacons: a password must not.
		auto const shown = fmt::format("{}://***{}", scheme, rest.substr(at));
		return refuse(shown, "a user name or password is not taken");
	}
	if (!std::all_of(text.begin(), text.end(), is_visible))
	{
		return refuse(text, "a space, control character or letter outside of ASCII must be percent-encoded");
	}

	url out;
	out.secure = scheme == "https";
	if (auto const wrong = parse_authority(host, out))
	{
		return refuse(text, *wrong);
	}
	out.target = rest.substr(end_of_host);
	if (!out.target.starts_with('/'))
	{
		out.target.insert(0, 1, '/');
	}
	return out;
}

std::string authority(url const& u)
{
	bool const bracketed = u.host.find(':') != std::string::npos;
	auto out = bracketed ? '[' + u.host + ']' : u.host;
	if (u.port != default_port(u.secure))
	{
		out += ':' + std::to_string(u.port);
	}
	return out;
}

std::string to_string(url const& u)
{
	return fmt::format("{}://{}{}", u.secure ? "https" : "http", authority(u), u.target);
}

} // namespace rawswarm
