// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/address.hpp"

#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <fmt/format.h>

#include <algorithm>

#include <net/if.h>

namespace rawswarm
{

namespace
{

namespace ip = boost::asio::ip;

constexpr std::size_t max_host_name = 253; // RFC 1035, written with dots
constexpr std::size_t max_host_label = 63;
constexpr std::size_t max_scope = IF_NAMESIZE - 1;

bool all_of(std::string_view text, std::string_view set)
{
	return text.find_first_not_of(set) == std::string_view::npos;
}

bool is_letter_or_digit(char c)
{
	return is_letter(c) || is_digit(c);
}

// Letters, digits, inner hyphens and underscores.
bool is_host_label(std::string_view label)
{
	return !label.empty() && label.size() <= max_host_label
		&& std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; })
		&& label.front() != '-' && label.back() != '-';
}

bool is_scope(std::string_view text)
{
	return !text.empty() && text.size() <= max_scope && std::ranges::all_of(text, [](char c) {
		return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
	});
}

} // namespace

std::optional<std::uint16_t> parse_port(std::string_view text)
{
	bool const has_leading_zero = text.size() > 1 && text.front() == '0';
	return has_leading_zero ? std::nullopt : parse_number<std::uint16_t>(text);
}

// Boost hands the text to inet_pton as a C string: the sets of characters keep out a NUL inside the text, and
// a scope, which Boost would look up.
std::optional<ip::address_v4> parse_ipv4(std::string_view text)
{
	if (!all_of(text, "0123456789."))
	{
		return {};
	}
	boost::system::error_code ec;
	auto const address = ip::make_address_v4(text, ec);
	return ec ? std::nullopt : std::optional(address);
}

std::optional<ip::address_v6> parse_ipv6(std::string_view text)
{
	if (!all_of(text, "0123456789abcdefABCDEF:."))
	{
		return {};
	}
	boost::system::error_code ec;
	auto const address = ip::make_address_v6(text, ec);
	return ec ? std::nullopt : std::optional(address);
}

std::optional<scoped_address> parse_scoped_ipv6(std::string_view text)
{
	auto const percent = text.find('%');
	auto const address = parse_ipv6(text.substr(0, percent));
	if (!address)
	{
		return {};
	}
	if (percent == std::string_view::npos)
	{
		return scoped_address{*address, {}};
	}
	auto const scope = text.substr(percent + 1);
	return is_scope(scope) ? std::optional(scoped_address{*address, std::string(scope)}) : std::nullopt;
}

std::string to_string(scoped_address const& a)
{
	auto const text = a.address.to_string();
	return a.scope.empty() ? text : text + '%' + a.scope;
}

ip::address to_asio(scoped_address const& a)
{
	if (a.scope.empty() || !a.address.is_v6())
	{
		return a.address;
	}
	unsigned long scope = ::if_nametoindex(a.scope.c_str());
	if (scope == 0)
	{
		scope = parse_number<unsigned long>(a.scope).value_or(0);
	}
	return ip::address_v6(a.address.to_v6().to_bytes(), scope);
}

bool is_host_name(std::string_view text)
{
	if (text.empty() || text.size() > max_host_name)
	{
		return false;
	}
	auto const last_label = text.substr(text.rfind('.') + 1);
	if (!last_label.empty() && std::ranges::all_of(last_label, is_digit))
	{
		return false;
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

boost::asio::ip::address plain_address(boost::asio::ip::address const& a)
{
	namespace ip = boost::asio::ip;
	if (a.is_v4())
	{
		return a;
	}
	auto v6 = a.to_v6();
	v6.scope_id(0);
	return v6.is_v4_mapped() ? ip::address(ip::make_address_v4(ip::v4_mapped, v6)) : ip::address(v6);
}

boost::asio::ip::address machine_of(boost::asio::ip::address const& plain)
{
	if (plain.is_v4())
	{
		return plain;
	}
	auto bytes = plain.to_v6().to_bytes();
	std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t(0));
	return boost::asio::ip::address_v6(bytes);
}

std::optional<host_and_rest> split_host(std::string_view text)
{
	if (text.starts_with('['))
	{
		auto const end = text.find(']');
		if (end == std::string_view::npos)
		{
			return {};
		}
		return host_and_rest{text.substr(1, end - 1), true, text.substr(end + 1)};
	}
	auto const colon = std::min(text.find(':'), text.size());
	return host_and_rest{text.substr(0, colon), false, text.substr(colon)};
}

std::string join_host_port(std::string_view host, std::uint16_t port)
{
	return host.find(':') == std::string_view::npos ? fmt::format("{}:{}", host, port)
													: fmt::format("[{}]:{}", host, port);
}

} // namespace rawswarm
