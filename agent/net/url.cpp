// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/url.hpp"

#include "agent/net/address.hpp"
#include "agent/net/uri_reference.hpp"
#include "base/text.hpp"

#include <optional>

namespace rawswarm
{

namespace
{

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

std::uint16_t default_port(bool secure)
{
	return secure ? https_port : http_port;
}

// condition: what a URL must fulfil besides, or empty.
error refuse(std::string_view text, std::string_view condition)
{
	return fail(fault::refused, "must be an http or https URL{}{}, not \"{}\"", condition.empty() ? "" : " ",
		condition, printable_uri(text));
}

// Takes host and port out of HOST[:[PORT]]. Gives the condition that is not fulfilled, or nothing.
std::optional<std::string_view> parse_authority(std::string_view text, url& out)
{
	auto const parts = split_host(text);
	if (!parts)
	{
		return "with its bracket closed";
	}
	if (parts->bracketed ? !parse_ipv6(parts->host) : !parse_ipv4(parts->host) && !is_host_name(parts->host))
	{
		return parts->bracketed ? "with an IPv6 address in its brackets" : "with a valid host name";
	}
	out.host = lower_case(parts->host);
	out.port = default_port(out.secure);
	if (parts->rest.empty() || parts->rest == ":")
	{
		return std::nullopt;
	}
	auto const port = parts->rest.starts_with(':') ? parse_port(parts->rest.substr(1)) : std::nullopt;
	if (!port || *port == 0)
	{
		return "with a port from 1 to 65535";
	}
	out.port = *port;
	return std::nullopt;
}

} // namespace

result<url> parse_url(std::string_view text)
{
	auto const parts = split_uri(text);
	auto const scheme = lower_case(parts.scheme.value_or(""));
	if ((scheme != "http" && scheme != "https") || !parts.authority)
	{
		return refuse(text, "");
	}
	if (parts.authority->find('@') != std::string_view::npos)
	{
		return refuse(text, "without a user name or password");
	}
	if (!has_only_uri_characters(text))
	{
		return refuse(text, "with all other characters percent-encoded");
	}
	url out;
	out.secure = scheme == "https";
	if (auto const condition = parse_authority(*parts.authority, out))
	{
		return refuse(text, *condition);
	}
	out.target = parts.path.empty() ? "/" : std::string(parts.path);
	if (parts.query)
	{
		out.target += '?';
		out.target += *parts.query;
	}
	return out;
}

result<url> resolve(url const& base, std::string_view reference)
{
	return parse_url(resolve_reference(to_string(base), reference));
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

std::string printable_uri(url const& u)
{
	return printable_uri(to_string(u));
}

} // namespace rawswarm
