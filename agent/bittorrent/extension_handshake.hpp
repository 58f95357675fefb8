// SPDX-License-Identifier: BSD-3-Clause
// The extension messages (BEP 10) that rawswarms send each other: their names, their keys in the extension
// handshake, and the ids under which we receive them.
//
// The handshake is a bencoded dictionary. Under "m" it maps the name of each message to the id, 1 to 255,
// that the peer must put on a message of that name; each side chooses its own ids. The extensions are
// independent of each other, and a peer that knows none is an ordinary BitTorrent peer. docs/protocol.md
// describes them for other implementers.
//
//   rs_room    the addresses of other members (agent/swarm/peer_addresses.hpp); what members do with it is
//              in agent/swarm/room_plugin.hpp
//   rs_claim   which pieces the sender fetches from web seeds (agent/web_seed/claim_message.hpp)
//   rs_frame   blocks, compressed (agent/bittorrent/frame_message.hpp)
//   rs_proof   that the sender has the key of a private room (agent/swarm/room_proof.hpp)
#pragma once

#include <libtorrent/fwd.hpp>

#include <cstdint>

namespace rawswarm
{

inline constexpr char const* room_message_name = "rs_room";
inline constexpr char const* claim_message_name = "rs_claim";
inline constexpr char const* frame_message_name = "rs_frame";
inline constexpr char const* proof_message_name = "rs_proof";

// Our own ids. Any that differ from each other and from libtorrent's: 1 (peer exchange) to 8 in 2.0.11.
inline constexpr int room_message_id = 60;
inline constexpr int claim_message_id = 61;
inline constexpr int frame_message_id = 62;
inline constexpr int proof_message_id = 63;

// Integer, not 0: the sender has the whole image, and reveals pieces to members of the room one by one.
// Missing from everyone else's handshake.
inline constexpr char const* source_key = "rs_source";

// Integer, 1 to 2^63 - 1: a random number that tells agents apart, whatever their addresses.
inline constexpr char const* agent_id_key = "rs_number";

// Bytes: a random number for the sender's proof of a private room (room_nonce).
inline constexpr char const* nonce_key = "rs_nonce";

// The id under which the sender of this handshake receives the message; 0: it does not know the message.
std::uint8_t extension_id(lt::bdecode_node const& handshake, char const* name);

} // namespace rawswarm
