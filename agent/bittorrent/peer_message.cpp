// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/peer_message.hpp"

namespace rawswarm
{

namespace
{

constexpr char have = 4;
constexpr char extended = 20;

void append(std::string& out, std::uint32_t const number)
{
	for (unsigned const shift : {24U, 16U, 8U, 0U})
	{
		out.push_back(static_cast<char>(number >> shift & 0xff));
	}
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
