// SPDX-License-Identifier: BSD-3-Clause
// The body of the extension message rs_claim: which pieces its sender fetches from web seeds.
//
// One or more claims, one after the other, each of claim_bytes:
//
//   byte 0       0: the sender fetches the piece. 1: it does not fetch it any more
//   bytes 1 to 4 the number of the piece in the torrent, network byte order
//
// A piece that has arrived is announced by the ordinary HAVE message, which ends the claim as well. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rawswarm
{

struct web_claim
{
	enum class kind : std::uint8_t
	{
		fetching = 0,
		dropped = 1
	};

	kind what = kind::fetching;
	std::size_t piece = 0; // in the torrent; what peers send may lie outside of it

	friend bool operator==(web_claim const&, web_claim const&) = default;
};

inline constexpr std::size_t claim_bytes = 5;

// A longer message is ignored. An agent never sends as much: it has at most one claim for each piece that it
// fetches or has just given up.
inline constexpr std::size_t max_claim_message_bytes = 512;

void append_claim(std::vector<char>& body, web_claim claim);

// Leaves out claims of another kind, and what is too short to be one at the end.
std::vector<web_claim> read_claims(std::span<char const> body);

} // namespace rawswarm
