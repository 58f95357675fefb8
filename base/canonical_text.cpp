// SPDX-License-Identifier: BSD-3-Clause
#include "base/canonical_text.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstddef>

namespace rawswarm
{

namespace
{

constexpr std::size_t ethernet_octets = 6;
constexpr std::size_t infiniband_octets = 20;
constexpr std::size_t octet_digits = 2;

bool is_octet(std::string_view const text)
{
	return text.size() == octet_digits && std::ranges::all_of(text, is_hex_digit);
}

} // namespace

std::optional<std::string> canonical_mac(std::string_view const text)
{
	// the first separator is that of all
	char const separator = text.size() > octet_digits && text[octet_digits] == '-' ? '-' : ':';
	auto const octets = split(text, separator);
	bool const fits = octets.size() == ethernet_octets || octets.size() == infiniband_octets;
	if (!fits || !std::ranges::all_of(octets, is_octet))
	{
		return {};
	}
	auto mac = lower_case(text);
	std::ranges::replace(mac, '-', ':');
	return mac;
}

std::optional<std::string> canonical_uuid(std::string_view const text)
{
	constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	auto const fits = [](char const f, char const c) { return f == '-' ? c == '-' : is_hex_digit(c); };
	bool const is_uuid = text.size() == form.size() && std::ranges::equal(form, text, fits);
	return is_uuid ? std::optional(lower_case(text)) : std::nullopt;
}

} // namespace rawswarm
