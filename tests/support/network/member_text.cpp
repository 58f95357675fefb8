// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/member_text.hpp"

#include "tests/support/network/raw_peer.hpp"

#include <fmt/format.h>

namespace rawswarm::test
{

namespace
{

// Where the bits of what a peer can do stand in its handshake.
constexpr std::size_t extensions_at = 25;
constexpr std::size_t fast_at = 27;

std::string key_if(std::string const& key, std::int64_t const value)
{
	return value == 0 ? std::string() : fmt::format("{}:{}i{}e", key.size(), key, value);
}

} // namespace

std::string four_bytes(std::uint32_t const number)
{
	std::string text;
	for (int const shift : {24, 16, 8, 0})
	{
		text.push_back(static_cast<char>(number >> shift));
	}
	return text;
}

std::string member_handshake(std::string const& info_hash, std::size_t const number)
{
	auto text = bittorrent_handshake(info_hash, fmt::format("-XX0001-{:012}", number));
	text[extensions_at] = '\x10';
	text[fast_at] = '\x04';
	return text;
}

std::string peer_message(char const id, std::string const& body)
{
	return four_bytes(static_cast<std::uint32_t>(body.size() + 1)) + id + body;
}

std::string greeting_message(member_greeting const& g)
{
	auto const names = key_if("rs_claim", g.claim) + key_if("rs_room", g.room);
	return extension_text(
		0, "d1:md" + names + "e" + key_if("p", g.port) + key_if("rs_number", g.number) + "e");
}

std::string extension_text(int const id, std::string const& body)
{
	return peer_message(peer_message_id::extended, static_cast<char>(id) + body);
}

std::string request_message(std::uint32_t const piece, std::uint32_t const begin, std::uint32_t const length)
{
	return peer_message(peer_message_id::request, four_bytes(piece) + four_bytes(begin) + four_bytes(length));
}

} // namespace rawswarm::test
