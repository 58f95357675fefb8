// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/report_token.hpp"

#include "agent/beacon/hmac.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <span>

namespace rawswarm
{

namespace
{

constexpr char separator = '\n'; // in none of the values
constexpr std::size_t max_token_bytes = 1024; // above what names can add up to
constexpr std::size_t mac_bytes = 16; // RFC 2104 lets an HMAC be cut to half

std::string mac_of(std::string_view const content, std::string_view const secret)
{
	auto const digest = hmac_sha256(secret, content);
	return digest ? to_hex(std::span(*digest).first(mac_bytes)) : std::string();
}

} // namespace

std::string write_token(report_token const& token, std::string_view const secret)
{
	auto const content = fmt::format("{}{}{}{}{}{}{}{}{}", token.mac, separator, token.image, separator,
		token.settled, separator, token.turn, separator, token.captures ? 1 : 0);
	return to_hex(content) + "-" + mac_of(content, secret);
}

result<report_token> read_token(std::string_view const text, std::string_view const secret)
{
	auto const none = [] {
		return fail(fault::refused, "reading a report: its token is none of this room's");
	};
	auto const hyphen = text.find('-');
	if (text.size() > max_token_bytes || hyphen == std::string_view::npos)
	{
		return none();
	}
	auto const content = from_hex(text.substr(0, hyphen));
	if (!content)
	{
		return none();
	}
	auto const mac = mac_of(*content, secret);
	if (mac.empty() || !equal_in_constant_time(mac, text.substr(hyphen + 1)))
	{
		return none();
	}
	auto const parts = split(*content, separator);
	auto const turn = parts.size() == 5 ? parse_number<std::uint64_t>(parts[3]) : std::nullopt;
	if (!turn)
	{
		return none();
	}
	return report_token{
		std::string(parts[0]), std::string(parts[1]), std::string(parts[2]), *turn, parts[4] == "1"};
}

} // namespace rawswarm
