// SPDX-License-Identifier: BSD-3-Clause
// The proof by which a member of a private room shows that it has the room's key: an HMAC-SHA256 (RFC 2104)
// over what makes one connection differ from every other. docs/protocol.md has the format, as the message
// rs_proof.
//
// - Each end adds a random number that it uses once, so that no proof is good for a second connection.
// - The signer's end, dialler or accepter, is part of it: what an end said is not good for the other end.
// - Both addresses of the connection, as the signer sees them, are part of it and go along. Where they are
//   translated (NAT), one of the two is another at the other end: the dialler's or, behind a forwarded port,
//   the accepter's. Who passes proofs on between two members has a connection with each, and both are
//   another. So one may differ, and not both.
//
// What follows the proof is not encrypted: it keeps out who is not between the two machines.
//
// Pure, except for make_room_nonce(). Thread-safe.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

using room_nonce = std::array<char, 32>;

// Empty only if OpenSSL has no random bytes.
std::optional<room_nonce> make_room_nonce();

enum class connection_end
{
	dialler,
	accepter,
};

// A connection as one of its ends sees it.
struct proven_connection
{
	std::string info_hash; // 20 bytes
	room_nonce dialler_nonce{};
	room_nonce accepter_nonce{};
	boost::asio::ip::tcp::endpoint dialler;
	boost::asio::ip::tcp::endpoint accepter;
};

inline constexpr std::size_t room_proof_bytes = 68;

// The body of the message. Empty only if OpenSSL fails (no memory).
std::string make_room_proof(std::string_view key, connection_end signer, proven_connection const& c);

enum class proof_verdict
{
	good,
	wrong, // another key, another connection or another end, or no proof at all
	relayed, // made with the key for this connection, but between other addresses
};

// seen: the connection as we see it. signer: the other end.
proof_verdict judge_room_proof(
	std::string_view body, std::string_view key, connection_end signer, proven_connection const& seen);

} // namespace rawswarm
