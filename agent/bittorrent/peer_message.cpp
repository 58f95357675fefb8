// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/peer_message.hpp"

#include <boost/endian/conversion.hpp>

#include <array>
#include <bit>

namespace rawswarm
{

namespace
{

// The types of the messages.
constexpr char have = 4; // BEP 3
constexpr char extended = 20; // BEP 10

void append(std::string& out, std::uint32_t const number)
{
	auto const bytes = std::bit_cast<std::array<char, 4>>(boost::endian::native_to_big(number));
	out.append(bytes.begin(), bytes.end());
}

std::string with_length(std::string const& body)
{
	std::string out;
	append(out, static_cast<std::uint32_t>(body.size()));
	return out + body;
}

} // namespace

std::string have_message(std::uint32_t const piece)
{
	std::string body(1, have);
	append(body, piece);
	return with_length(body);
}

std::string extension_message(std::uint8_t const id, std::string_view const body)
{
	std::string out{extended, static_cast<char>(id)};
	out += body;
	return with_length(out);
}

} // namespace rawswarm
