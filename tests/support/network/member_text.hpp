// SPDX-License-Identifier: BSD-3-Clause
// What a member of a room says, as bytes for a raw_peer: docs/protocol.md, and BEP 3, 6 and 10. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace rawswarm::test
{

// The number before each message, and the four that a request has.
std::string four_bytes(std::uint32_t number);

// With the fast extension and the extension protocol. number: makes the peer's id.
std::string member_handshake(std::string const& info_hash, std::size_t number);

std::string peer_message(char id, std::string const& body = {});

namespace peer_message_id
{

inline constexpr char unchoke = 1;
inline constexpr char interested = 2;
inline constexpr char have = 4;
inline constexpr char bitfield = 5;
inline constexpr char request = 6;
inline constexpr char block = 7;
inline constexpr char have_all = 14;
inline constexpr char have_none = 15;
inline constexpr char extended = 20;

} // namespace peer_message_id

// The extension handshake. Ids of 0 are left out, as the others are.
struct member_greeting
{
	int room = 60;
	int claim = 0;
	int port = 0;
	std::int64_t number = 0;
};

std::string greeting_message(member_greeting const& g);

// To a rawswarm, which has named its messages by these ids (60: rs_room, 61: rs_claim, 62: rs_frame).
std::string extension_text(int id, std::string const& body);

std::string request_message(std::uint32_t piece, std::uint32_t begin, std::uint32_t length);

} // namespace rawswarm::test
