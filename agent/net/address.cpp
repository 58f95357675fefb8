// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/address.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>

namespace rawswarm
{

namespace
{

constexpr std::string_view decimal_digits = "0123456789";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

constexpr std::size_t max_host_name = 253; // RFC 1035, written with dots
constexpr std::size_t max_host_label = 63;

bool all_of(std::string_view text, std::string_view set)
{
	return text.find_first_not_of(set) == std::string_view::npos;
}

bool is_letter_or_digit(char c)
{
	return letters.find(c) != std::string_view::npos || decimal_digits.find(c) != std::string_view::npos;
}

// Letters, digits, inner hyphens; underscores, which some machines' names have.
bool is_host_label(std::string_view label)
{
	return !label.empty() && label.size() <= max_host_label
		&& std::ranges::all_of(
			label, [](char const c) { return is_letter_or_digit(c) || c == '-' || c == '_'; })
		&& label.front() != '-' && label.back() != '-';
}

// The part of a URL between "://" and the path.
std::string_view authority_of(std::string_view url)
{
	url.remove_prefix(url.find("://") + 3);
	return url.substr(0, url.find_first_of("/?#"));
}

std::string_view without_user(std::string_view authority)
{
	auto const at = authority.rfind('@');
	return at == std::string_view::npos ? authority : authority.substr(at + 1);
}

bool ends_in_port(std::string_view authority)
{
	auto const colon = authority.rfind(':');
	return colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
}

bool is_bracketed_ipv6(std::string_view text)
{
	return text.size() > 2 && text.front() == '[' && text.back() == ']'
		&& is_ipv6(text.substr(1, text.size() - 2));
}

bool is_authority(std::string_view authority)
{
	authority = without_user(authority);
	if (!ends_in_port(authority))
	{
		return is_host(authority) || is_bracketed_ipv6(authority);
	}
	auto const parts = split_host_port(authority);
	return parts && parts->port != 0 && (parts->bracketed ? is_ipv6(parts->host) : is_host(parts->host));
}

bool is_url_character(char c)
{
	constexpr std::string_view others = "-._~:/?#[]@!$&'()*+,;=%";
	return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
}

} // namespace

std::optional<std::uint16_t> parse_decimal(std::string_view text)
{
	std::uint16_t value = 0;
	auto const* const end = text.data() + text.size();
	auto const [stopped, ec] = std::from_chars(text.data(), end, value);
	if (ec != std::errc() || stopped != end || (text.size() > 1 && text.front() == '0'))
	{
		return {};
	}
	return value;
}

// Boost hands the text to inet_pton as a C string: the sets of characters keep a NUL inside it out,
// and a scope, for which Boost would ask the system.
bool is_ipv4(std::string_view text)
{
	boost::system::error_code ec;
	boost::asio::ip::make_address_v4(text, ec);
	return !ec && all_of(text, "0123456789.");
}

bool is_ipv6(std::string_view text)
{
	if (!all_of(text, "0123456789abcdefABCDEF:."))
	{
		return false;
	}
	boost::system::error_code ec;
	boost::asio::ip::make_address_v6(text, ec);
	return !ec;
}

bool is_ipv6_scoped(std::string_view text)
{
	auto const percent = text.find('%');
	if (percent == std::string_view::npos)
	{
		return is_ipv6(text);
	}
	constexpr std::size_t max_scope = 15; // an interface's name
	auto const scope = text.substr(percent + 1);
	return is_ipv6(text.substr(0, percent)) && !scope.empty() && scope.size() <= max_scope
		&& std::ranges::all_of(
			scope, [](char const c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_host(std::string_view text)
{
	if (text.size() > max_host_name)
	{
		return false;
	}
	auto const last_label = text.substr(text.rfind('.') + 1);
	if (!last_label.empty() && all_of(last_label, decimal_digits))
	{
		return is_ipv4(text);
	}
	for (std::size_t begin = 0; begin <= text.size();)
	{
		auto const end = std::min(text.find('.', begin), text.size());
		if (!is_host_label(text.substr(begin, end - begin)))
		{
			return false;
		}
		begin = end + 1;
	}
	return true;
}

std::optional<host_port> split_host_port(std::string_view text)
{
	auto const colon = text.rfind(':');
	if (colon == std::string_view::npos)
	{
		return {};
	}
	auto host = text.substr(0, colon);
	auto const port = parse_decimal(text.substr(colon + 1));
	auto const bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
	if (bracketed)
	{
		host = host.substr(1, host.size() - 2);
	}
	if (!port || host.empty() || (!bracketed && host.find(':') != std::string_view::npos))
	{
		return {};
	}
	return host_port{host, bracketed, *port};
}

bool is_address_port(std::string_view text)
{
	auto const parts = split_host_port(text);
	return parts && (parts->bracketed ? is_ipv6_scoped(parts->host) : is_ipv4(parts->host));
}

bool is_url_scheme(std::string_view text)
{
	return !text.empty() && letters.find(text.front()) != std::string_view::npos
		&& std::ranges::all_of(
			text, [](char const c) { return is_letter_or_digit(c) || c == '+' || c == '-' || c == '.'; });
}

bool has_url_scheme(std::string_view text)
{
	auto const end = text.find("://");
	return end != std::string_view::npos && is_url_scheme(text.substr(0, end));
}

bool is_complete_url(std::string_view text)
{
	return has_url_scheme(text) && std::ranges::all_of(text, is_url_character)
		&& is_authority(authority_of(text));
}

bool url_has_user(std::string_view complete_url)
{
	return authority_of(complete_url).find('@') != std::string_view::npos;
}

bool url_has_port(std::string_view complete_url)
{
	return ends_in_port(without_user(authority_of(complete_url)));
}

} // namespace rawswarm
